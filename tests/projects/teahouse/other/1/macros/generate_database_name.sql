{% macro generate_database_name(custom_database_name=none, node=none) -%}
    {{ return(env_var('TEA_DATABASE', target.database)) }}
{%- endmacro %}
