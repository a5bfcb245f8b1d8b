{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ target.schema }}_{{ custom_schema_name or node.resource_type }}_{{ node.fqn | length }}
{%- endmacro %}
