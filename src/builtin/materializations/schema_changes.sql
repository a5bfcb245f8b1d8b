{#- How the columns of two relations differ: a mapping with `schema_changed`,
    `source_not_in_target`, `target_not_in_source`, `source_columns`, `target_columns` and
    `new_target_types`. -#}
{% macro check_for_schema_changes(source_relation, target_relation) -%}
    {%- set source_columns = adapter.get_columns_in_relation(source_relation) -%}
    {%- set target_columns = adapter.get_columns_in_relation(target_relation) -%}
    {%- set new = diff_columns(source_columns, target_columns) -%}
    {%- set gone = diff_columns(target_columns, source_columns) -%}
    {%- set types = diff_column_data_types(source_columns, target_columns) -%}
    {{ return({
        'schema_changed': (new or gone or types) | length > 0,
        'source_not_in_target': new,
        'target_not_in_source': gone,
        'source_columns': source_columns,
        'target_columns': target_columns,
        'new_target_types': types
    }) }}
{%- endmacro %}

{#- Brings a table's columns up to date: new ones are added; with `sync_all_columns`
    others are dropped and types changed too. -#}
{% macro sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) -%}
    {%- set all = on_schema_change == 'sync_all_columns' -%}
    {%- set add = schema_changes_dict['source_not_in_target'] -%}
    {%- set remove = schema_changes_dict['target_not_in_source'] if all else [] -%}
    {%- if add or remove -%}
        {%- do alter_relation_add_remove_columns(target_relation, add, remove) -%}
    {%- endif -%}
    {%- for change in schema_changes_dict['new_target_types'] if all -%}
        {%- do alter_column_type(target_relation, change['column_name'], change['new_type']) -%}
    {%- endfor -%}
{%- endmacro %}
