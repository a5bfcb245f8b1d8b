{% macro postgres__get_drop_sql(relation) -%}
    {%- if relation.is_materialized_view -%}
        {{ return('drop materialized view if exists ' ~ relation ~ ' cascade;') }}
    {%- endif -%}
    {{ return(default__get_drop_sql(relation)) }}
{%- endmacro %}

{% macro postgres__get_rename_sql(relation, new_name) -%}
    {%- if relation.is_materialized_view -%}
        {{ return('alter materialized view ' ~ relation ~ ' rename to ' ~ adapter.quote(new_name) ~ ';') }}
    {%- endif -%}
    {{ return(default__get_rename_sql(relation, new_name)) }}
{%- endmacro %}
