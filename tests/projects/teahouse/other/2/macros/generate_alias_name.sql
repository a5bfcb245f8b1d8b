{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {{ node.unique_id | length }}_{{ custom_alias_name or node.name }}_{{ node.version }}
{%- endmacro %}
