{#- The time of a run of a snapshot, in the type of its columns. -#}
{% macro snapshot_get_time() -%}
    {{ return(adapter.dispatch('snapshot_get_time', 'dbt')()) }}
{%- endmacro %}

{% macro default__snapshot_get_time() -%}
    {{ current_timestamp() }}
{%- endmacro %}

{#- A time that is written as text, in that type. -#}
{% macro snapshot_string_as_time(timestamp) -%}
    {{ return(adapter.dispatch('snapshot_string_as_time', 'dbt')(timestamp)) }}
{%- endmacro %}

{% macro default__snapshot_string_as_time(timestamp) -%}
    {%- do exceptions.raise_not_implemented('snapshot_string_as_time is not there for ' ~ adapter.type()) -%}
{%- endmacro %}

{#- The end of a version that is true now, as a column: `dbt_valid_to_current`, else null of
    the right type. -#}
{% macro get_dbt_valid_to_current(strategy, columns) -%}
    {%- set end = config.get('dbt_valid_to_current') -%}
    {%- set nothing = 'nullif(' ~ strategy.updated_at ~ ', ' ~ strategy.updated_at ~ ')' -%}
    {{ 'coalesce(' ~ nothing ~ ', ' ~ end ~ ')' if end else nothing }} as {{ columns.dbt_valid_to }}
{%- endmacro %}

{#- The condition that a version is true now. Versions from before `dbt_valid_to_current` was
    set have null. -#}
{% macro is_current_version(valid_to) -%}
    {%- set end = config.get('dbt_valid_to_current') -%}
    {{ return('(' ~ valid_to ~ ' = ' ~ end ~ ' or ' ~ valid_to ~ ' is null)' if end else valid_to ~ ' is null') }}
{%- endmacro %}

{#- The type of `snapshot_get_time()`. -#}
{% macro get_snapshot_get_time_data_type() -%}
    {{ return(get_column_schema_from_query('select ' ~ snapshot_get_time() ~ ' as dbt_snapshot_time')[0].dtype) }}
{%- endmacro %}

{#- The type of the column `updated_at` of a snapshot's query, or `none`. -#}
{% macro get_updated_at_column_data_type(snapshot_sql) -%}
    {%- set name = config.get('updated_at') -%}
    {%- for column in get_column_schema_from_query(snapshot_sql) if column.name | lower == (name or '') | lower -%}
        {{ return(column.dtype) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}

{#- A warning where the column `updated_at` is of another type than the times that are
    written for deleted rows; `sql` is the snapshot's query. -#}
{% macro check_time_data_types(sql) -%}
    {%- set found = get_updated_at_column_data_type(sql) if config.get('updated_at') else none -%}
    {%- set wanted = get_snapshot_get_time_data_type() if found else none -%}
    {%- if found and found | lower != wanted | lower -%}
        {%- do exceptions.warn(
            "the times of the snapshot `" ~ model.name ~ "` are of the type " ~ wanted ~ ", its `updated_at` column `"
            ~ config.get('updated_at') ~ "` is of the type " ~ found ~ ": cast it to " ~ wanted
        ) -%}
    {%- endif -%}
{%- endmacro %}
