{#- With a key its rows are put in the place of the old ones, without one appended. -#}
{% macro duckdb__get_incremental_default_sql(arg_dict) -%}
    {{ return(get_incremental_delete_insert_sql(arg_dict)) }}
{%- endmacro %}
