{#- The names of the columns that a snapshot adds, when nothing else is said. -#}
{% macro get_snapshot_table_column_names() -%}
    {{ return({
        'dbt_valid_to': 'dbt_valid_to',
        'dbt_valid_from': 'dbt_valid_from',
        'dbt_scd_id': 'dbt_scd_id',
        'dbt_updated_at': 'dbt_updated_at',
        'dbt_is_deleted': 'dbt_is_deleted'
    }) }}
{%- endmacro %}

{#- Those of this snapshot. -#}
{% macro get_snapshot_column_names() -%}
    {{ return(config.get('snapshot_table_column_names') or get_snapshot_table_column_names()) }}
{%- endmacro %}

{#- The columns of a staging table that stay there, in small letters. -#}
{% macro get_snapshot_passing_columns(strategy) -%}
    {%- set passing = ['dbt_change_type', 'dbt_unique_key'] -%}
    {%- for key in dbt.as_list(strategy.unique_key) -%}
        {%- do passing.append('dbt_unique_key_' ~ loop.index) -%}
    {%- endfor -%}
    {{ return(passing) }}
{%- endmacro %}

{#- Adds columns to the table of a snapshot. -#}
{% macro create_columns(relation, columns) -%}
    {{ return(adapter.dispatch('create_columns', 'dbt')(relation, columns)) }}
{%- endmacro %}

{% macro default__create_columns(relation, columns) -%}
    {%- for column in columns -%}
        {%- call statement('create_column') -%}
            alter table {{ relation.render() }} add column {{ column.quoted }} {{ column.data_type }}
        {%- endcall -%}
    {%- endfor -%}
{%- endmacro %}

{#- An error where a table lacks columns that the snapshot writes;
    `adapter.assert_valid_snapshot_target_given_strategy` calls this. -#}
{% macro assert_valid_snapshot_target(relation, column_names=none, strategy=none) -%}
    {%- set names = column_names or get_snapshot_table_column_names() -%}
    {%- set wanted = [names.dbt_scd_id, names.dbt_valid_from, names.dbt_valid_to] -%}
    {%- set keeps_deletions = strategy is not none and strategy.hard_deletes == 'new_record' -%}
    {%- if keeps_deletions -%}
        {%- do wanted.append(names.dbt_is_deleted) -%}
    {%- endif -%}
    {%- set there = adapter.get_columns_in_relation(relation) | map(attribute='name') | map('lower') | list -%}
    {%- set missing = [] -%}
    {%- for name in wanted if name | lower not in there -%}
        {%- do missing.append(name) -%}
    {%- endfor -%}
    {%- if missing -%}
        {%- set is_snapshot = 'dbt_scd_id' in there or names.dbt_scd_id | lower in there -%}
        {%- if not is_snapshot -%}
            {%- set reason = "it is no table of a snapshot" -%}
        {%- elif keeps_deletions and missing == [names.dbt_is_deleted] -%}
            {%- set reason = "the snapshot was begun without `hard_deletes: new_record`" -%}
        {%- else -%}
            {%- set reason = "`snapshot_meta_column_names` named them otherwise when it was begun" -%}
        {%- endif -%}
        {%- do exceptions.raise_compiler_error(
            "Snapshot target is missing configured columns: " ~ relation ~ " has no `" ~ missing | join('`, `') ~ "`; " ~ reason
            ~ ". Change the config back, rename or add the columns, or give the snapshot an `alias`"
        ) -%}
    {%- endif -%}
{%- endmacro %}
