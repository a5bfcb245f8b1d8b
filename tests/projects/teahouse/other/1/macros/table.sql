{% materialization table, adapter='duckdb' %}
{{ return({'relations': [this]}) }}
{% endmaterialization %}
