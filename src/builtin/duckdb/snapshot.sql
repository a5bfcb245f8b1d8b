{#- Without zone, as the columns of a snapshot are. -#}
{% macro duckdb__snapshot_get_time() -%}
    cast({{ current_timestamp() }} as timestamp)
{%- endmacro %}

{% macro duckdb__snapshot_string_as_time(timestamp) -%}
    {{ return("cast('" ~ timestamp ~ "' as timestamp)") }}
{%- endmacro %}
