{#- The columns that a merge updates, in quotes: those named, all but those named, or all.
    Names are found whatever their case. -#}
{% macro get_merge_update_columns(merge_update_columns, merge_exclude_columns, dest_columns) -%}
    {{ return(adapter.dispatch('get_merge_update_columns', 'dbt')(
        merge_update_columns, merge_exclude_columns, dest_columns
    )) }}
{%- endmacro %}

{% macro default__get_merge_update_columns(merge_update_columns, merge_exclude_columns, dest_columns) -%}
    {%- if merge_update_columns and merge_exclude_columns -%}
        {%- do exceptions.raise_compiler_error("a model cannot have both `merge_update_columns` and `merge_exclude_columns`") -%}
    {%- endif -%}
    {%- if merge_update_columns -%}
        {{ return(dbt.as_list(merge_update_columns)) }}
    {%- endif -%}
    {%- set excluded = dbt.as_list(merge_exclude_columns) | map('lower') | list -%}
    {%- set updated = [] -%}
    {%- for column in dest_columns if column.name | lower not in excluded -%}
        {%- do updated.append(column.quoted) -%}
    {%- endfor -%}
    {{ return(updated) }}
{%- endmacro %}
