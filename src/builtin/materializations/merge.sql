{#- Updates the rows whose key is among the new ones and inserts the others; without a key
    it inserts all. -#}
{% macro get_incremental_merge_sql(arg_dict) -%}
    {{ return(adapter.dispatch('get_incremental_merge_sql', 'dbt')(arg_dict)) }}
{%- endmacro %}

{% macro default__get_incremental_merge_sql(arg_dict) -%}
    {{ return(get_merge_sql(
        arg_dict['target_relation'],
        arg_dict['temp_relation'],
        arg_dict['unique_key'],
        arg_dict['dest_columns'],
        arg_dict['incremental_predicates']
    )) }}
{%- endmacro %}

{% macro get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
    {{ return(adapter.dispatch('get_merge_sql', 'dbt')(target, source, unique_key, dest_columns, incremental_predicates)) }}
{%- endmacro %}

{% macro default__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
    {%- set names = dest_columns | map(attribute='quoted') | list -%}
    {%- set keys = dbt.as_list(unique_key) -%}
merge into {{ target }} as DBT_INTERNAL_DEST
using {{ source }} as DBT_INTERNAL_SOURCE
on {% for key in keys -%}
    DBT_INTERNAL_SOURCE.{{ key }} = DBT_INTERNAL_DEST.{{ key }}{{ ' and ' if not loop.last }}
    {%- else -%}
    false
    {%- endfor -%}
    {%- for predicate in dbt.as_list(incremental_predicates) %} and ({{ predicate }}){% endfor %}
    {%- if keys %}
when matched then update set
        {%- for name in get_merge_update_columns(
            config.get('merge_update_columns'), config.get('merge_exclude_columns'), dest_columns
        ) %}
    {{ name }} = DBT_INTERNAL_SOURCE.{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    {%- endif %}
when not matched then insert ({{ names | join(', ') }})
values ({% for name in names %}DBT_INTERNAL_SOURCE.{{ name }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}
