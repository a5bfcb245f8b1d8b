{#- Changes the type of a column, its values cast. -#}
{% macro alter_column_type(relation, column_name, new_column_type) -%}
    {{ return(adapter.dispatch('alter_column_type', 'dbt')(relation, column_name, new_column_type)) }}
{%- endmacro %}

{% macro default__alter_column_type(relation, column_name, new_column_type) -%}
    {%- call statement('alter_column_type', auto_begin=false) -%}
        alter table {{ relation }} alter column {{ adapter.quote(column_name) }} type {{ new_column_type }}
    {%- endcall -%}
{%- endmacro %}

{#- Adds columns at the end and removes others; both are lists of columns. -#}
{% macro alter_relation_add_remove_columns(relation, add_columns=none, remove_columns=none) -%}
    {{ return(adapter.dispatch('alter_relation_add_remove_columns', 'dbt')(relation, add_columns, remove_columns)) }}
{%- endmacro %}

{% macro default__alter_relation_add_remove_columns(relation, add_columns, remove_columns) -%}
    {%- for column in add_columns or [] -%}
        {%- call statement('add_column', auto_begin=false) -%}
            alter table {{ relation }} add column {{ adapter.quote_as_configured(column.name, 'identifier') }} {{ column.data_type }}
        {%- endcall -%}
    {%- endfor -%}
    {%- for column in remove_columns or [] -%}
        {%- call statement('remove_column', auto_begin=false) -%}
            alter table {{ relation }} drop column {{ adapter.quote_as_configured(column.name, 'identifier') }}
        {%- endcall -%}
    {%- endfor -%}
{%- endmacro %}

{#- Column names in quotes, with commas. -#}
{% macro get_quoted_csv(column_names) -%}
    {%- for name in column_names -%}
        {{ adapter.quote(name) }}
        {%- if not loop.last %}, {% endif -%}
    {%- endfor -%}
{%- endmacro %}
