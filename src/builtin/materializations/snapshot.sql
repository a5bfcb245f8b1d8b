{% materialization snapshot, default %}
    {%- do exceptions.raise_compiler_error("snapshots are not supported yet: exclude `" ~ model.name ~ "`") -%}
{% endmaterialization %}
