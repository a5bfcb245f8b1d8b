{#- Deletes the rows whose key is among the new ones, then inserts the new ones. Rows with
    a null in their key stay. -#}
{% macro get_incremental_delete_insert_sql(arg_dict) -%}
    {{ return(adapter.dispatch('get_incremental_delete_insert_sql', 'dbt')(arg_dict)) }}
{%- endmacro %}

{% macro default__get_incremental_delete_insert_sql(arg_dict) -%}
    {{ return(get_delete_insert_merge_sql(
        arg_dict['target_relation'],
        arg_dict['temp_relation'],
        arg_dict['unique_key'],
        arg_dict['dest_columns'],
        arg_dict['incremental_predicates']
    )) }}
{%- endmacro %}

{% macro get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
    {{ return(adapter.dispatch('get_delete_insert_merge_sql', 'dbt')(
        target, source, unique_key, dest_columns, incremental_predicates
    )) }}
{%- endmacro %}

{% macro default__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
    {%- set keys = dbt.as_list(unique_key) | join(', ') -%}
    {%- if keys %}
delete from {{ target }}{{ ' as DBT_INCREMENTAL_TARGET' if unique_key is not string }}
where ({{ keys }}) in (
    select {{ keys }}
    from {{ source }}
)
        {%- for predicate in dbt.as_list(incremental_predicates) %}
    and ({{ predicate }})
        {%- endfor %};
    {% endif -%}
{{ get_insert_into_sql(target, source, dest_columns) }}
{%- endmacro %}

{#- A config that is one text or a list of them, as a list. -#}
{% macro as_list(value) -%}
    {{ return(([value] if value is string else value) if value else []) }}
{%- endmacro %}
