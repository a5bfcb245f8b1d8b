{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ env_var('TEA_SCHEMA', 'house') }}{{ '_' ~ node.config.tags | join('_') if node.config.tags }}
{%- endmacro %}
