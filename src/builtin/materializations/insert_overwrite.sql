{#- Puts new rows in the place of those that the predicates choose; of all rows, where
    there are none. -#}
{% macro get_incremental_insert_overwrite_sql(arg_dict) -%}
    {{ return(adapter.dispatch('get_incremental_insert_overwrite_sql', 'dbt')(arg_dict)) }}
{%- endmacro %}

{% macro default__get_incremental_insert_overwrite_sql(arg_dict) -%}
    {{ return(get_insert_overwrite_merge_sql(
        arg_dict['target_relation'],
        arg_dict['temp_relation'],
        arg_dict['dest_columns'],
        arg_dict['incremental_predicates']
    )) }}
{%- endmacro %}

{% macro get_insert_overwrite_merge_sql(target, source, dest_columns, predicates, include_sql_header=false) -%}
    {{ return(adapter.dispatch('get_insert_overwrite_merge_sql', 'dbt')(
        target, source, dest_columns, predicates, include_sql_header
    )) }}
{%- endmacro %}

{% macro default__get_insert_overwrite_merge_sql(target, source, dest_columns, predicates, include_sql_header=false) -%}
    {%- set columns = get_quoted_csv(dest_columns | map(attribute='name') | list) -%}
{{ (config.get('sql_header') or '') if include_sql_header else '' }}
merge into {{ target }} as DBT_INTERNAL_DEST
using {{ source }} as DBT_INTERNAL_SOURCE
on false
when not matched by source
    {%- for predicate in dbt.as_list(predicates) %} and ({{ predicate }}){% endfor %}
    then delete
when not matched then insert ({{ columns }})
values ({{ columns }})
{%- endmacro %}
