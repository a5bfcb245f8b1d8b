{% macro get_where_subquery(relation) -%}
    {{ relation }} /* {{ config.get('where') }} */
{%- endmacro %}
