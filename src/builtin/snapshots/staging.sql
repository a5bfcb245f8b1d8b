{#- The query whose rows the table of a snapshot begins with. -#}
{% macro build_snapshot_table(strategy, sql) -%}
    {{ return(adapter.dispatch('build_snapshot_table', 'dbt')(strategy, sql)) }}
{%- endmacro %}

{% macro default__build_snapshot_table(strategy, sql) -%}
    {%- set columns = dbt.get_snapshot_column_names() -%}
select
    *,
    {{ strategy.scd_id }} as {{ columns.dbt_scd_id }},
    {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
    {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
    {{ get_dbt_valid_to_current(strategy, columns) }}
    {%- if strategy.hard_deletes == 'new_record' %},
    'False' as {{ columns.dbt_is_deleted }}
    {%- endif %}
from (
{{ sql }}
) as snapshot_query
{%- endmacro %}

{#- Puts what changed since the last run into a table that waits there for the merge. -#}
{% macro build_snapshot_staging_table(strategy, sql, target_relation) -%}
    {%- set temp_relation = make_temp_relation(target_relation) -%}
    {%- call statement('build_snapshot_staging_relation') -%}
        {{ create_table_as(true, temp_relation, snapshot_staging_table(strategy, sql, target_relation)) }}
    {%- endcall -%}
    {{ return(temp_relation) }}
{%- endmacro %}

{#- Does away with it. -#}
{% macro post_snapshot(staging_relation) -%}
    {{ return(adapter.dispatch('post_snapshot', 'dbt')(staging_relation)) }}
{%- endmacro %}

{% macro default__post_snapshot(staging_relation) -%}
    {%- call statement('drop_snapshot_staging_relation') -%}
        {{ get_drop_sql(staging_relation) }}
    {%- endcall -%}
{%- endmacro %}

{#- What changed since the last run, a row a change. `dbt_change_type` is `insert` for a new
    version, `update` for one that a new version ends, `delete` for one whose row is gone;
    the last two are known by their `dbt_scd_id`. -#}
{% macro snapshot_staging_table(strategy, source_sql, target_relation) -%}
    {{ return(adapter.dispatch('snapshot_staging_table', 'dbt')(strategy, source_sql, target_relation)) }}
{%- endmacro %}

{% macro default__snapshot_staging_table(strategy, source_sql, target_relation) -%}
    {%- set columns = dbt.get_snapshot_column_names() -%}
    {%- set key = strategy.unique_key -%}
    {%- set same_key = unique_key_join_on(key, 'snapshotted_data', 'source_data') -%}
    {%- set keeps_deletions = strategy.hard_deletes == 'new_record' -%}
    {%- set changed = '(' ~ strategy.row_changed ~ ')' -%}
    {%- set is_deleted = "snapshotted_data." ~ columns.dbt_is_deleted ~ " = 'True'" -%}
    {%- if keeps_deletions -%}
        {%- set changed = '(' ~ changed ~ ' or ' ~ is_deleted ~ ')' -%}
    {%- endif -%}
with snapshot_query as (
{{ source_sql }}
),

snapshotted_data as (
    select *, {{ unique_key_fields(key) }}
    from {{ target_relation }}
    where {{ dbt.is_current_version(columns.dbt_valid_to) }}
),

new_versions as (
    select
        *, {{ unique_key_fields(key) }},
        {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
        {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
        {{ get_dbt_valid_to_current(strategy, columns) }},
        {{ strategy.scd_id }} as {{ columns.dbt_scd_id }}
    from snapshot_query
),

ended_versions as (
    select
        *, {{ unique_key_fields(key) }},
        {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
        {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
        {{ strategy.updated_at }} as {{ columns.dbt_valid_to }}
    from snapshot_query
)
    {%- if strategy.hard_deletes in ['invalidate', 'new_record'] or strategy.invalidate_hard_deletes %},

present_rows as (
    select *, {{ unique_key_fields(key) }}
    from snapshot_query
)
    {%- endif %}

select
    'insert' as dbt_change_type,
    source_data.*
    {%- if keeps_deletions %},
    'False' as {{ columns.dbt_is_deleted }}
    {%- endif %}
from new_versions as source_data
left join snapshotted_data on {{ same_key }}
where {{ unique_key_is_null(key, 'snapshotted_data') }} or {{ changed }}

union all

select
    'update',
    source_data.*,
    snapshotted_data.{{ columns.dbt_scd_id }}
    {%- if keeps_deletions %},
    snapshotted_data.{{ columns.dbt_is_deleted }}
    {%- endif %}
from ended_versions as source_data
join snapshotted_data on {{ same_key }}
where {{ changed }}
    {%- if strategy.hard_deletes in ['invalidate', 'new_record'] or strategy.invalidate_hard_deletes %}
        {%- set now = snapshot_get_time() %}
        {%- set is_gone = unique_key_is_null(key, 'source_data') %}
        {%- if keeps_deletions %}
            {%- set is_gone = is_gone ~ ' and not (' ~ is_deleted ~ ')' %}
        {%- endif %}

union all

select
    'delete',
    source_data.*,
    {{ now }},
    {{ now }},
    {{ now }},
    snapshotted_data.{{ columns.dbt_scd_id }}
    {%- if keeps_deletions %},
    snapshotted_data.{{ columns.dbt_is_deleted }}
    {%- endif %}
from snapshotted_data
left join present_rows as source_data on {{ same_key }}
where {{ is_gone }}
        {%- if keeps_deletions %}

union all

select
    'insert',
            {%- set known = adapter.get_columns_in_relation(target_relation) | map(attribute='name') | map('lower') | list %}
            {%- for column in get_column_schema_from_query(source_sql) %}
    {{ 'snapshotted_data' if column.name | lower in known else 'source_data' }}.{{ adapter.quote(column.name) }},
            {%- endfor %}
            {%- for name in (dbt.get_snapshot_passing_columns(strategy)[2:] if dbt.is_key_list(key) else ['dbt_unique_key']) %}
    snapshotted_data.{{ name }},
            {%- endfor %}
    {{ now }},
    {{ now }},
    snapshotted_data.{{ columns.dbt_valid_to }},
    {{ snapshot_hash_arguments(['snapshotted_data.' ~ columns.dbt_scd_id, now]) }},
    'True'
from snapshotted_data
left join present_rows as source_data on {{ same_key }}
where {{ is_gone }}
        {%- endif %}
    {%- endif %}
{%- endmacro %}
