{#- Appends the rows of one relation to another. -#}
{% macro get_insert_into_sql(target_relation, temp_relation, dest_columns) -%}
    {{ return(adapter.dispatch('get_insert_into_sql', 'dbt')(target_relation, temp_relation, dest_columns)) }}
{%- endmacro %}

{% macro default__get_insert_into_sql(target_relation, temp_relation, dest_columns) -%}
    {%- set columns = get_quoted_csv(dest_columns | map(attribute='name') | list) -%}
insert into {{ target_relation }} ({{ columns }})
(
    select {{ columns }}
    from {{ temp_relation }}
)
{%- endmacro %}
