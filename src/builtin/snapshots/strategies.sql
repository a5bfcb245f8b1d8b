{#- How a snapshot tells that a row has changed. A strategy is a macro
    `snapshot_<name>_strategy` that returns a mapping: `unique_key`, `updated_at` (the time
    of the version), `row_changed` (a condition on the current version and the row),
    `scd_id` (an id of the version), and `hard_deletes`. -#}

{#- The macro of a strategy, `name` or `package.name`: the project's or ours. -#}
{% macro strategy_dispatch(name) -%}
    {%- set parts = name.split('.') -%}
    {%- set macro_name = 'snapshot_' ~ parts | last ~ '_strategy' -%}
    {%- set place = context if parts | length == 1 else context.get(parts[0]) -%}
    {%- if parts | length > 2 or not place -%}
        {%- do exceptions.raise_compiler_error(
            "there is no package `" ~ parts[:-1] | join('.') ~ "`, which the strategy `" ~ name ~ "` names"
        ) -%}
    {%- endif -%}
    {%- set found = place.get(macro_name) -%}
    {%- if not found -%}
        {%- do exceptions.raise_compiler_error(
            "`" ~ name ~ "` is not a snapshot strategy; there are `timestamp` and `check`, or write a macro `" ~ macro_name ~ "`"
        ) -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}

{#- A hash over expressions, nulls as nothing. -#}
{% macro snapshot_hash_arguments(args) -%}
    {{ return(adapter.dispatch('snapshot_hash_arguments', 'dbt')(args)) }}
{%- endmacro %}

{% macro default__snapshot_hash_arguments(args) -%}
    {%- set texts = [] -%}
    {%- for arg in args -%}
        {%- do texts.append("coalesce(cast(" ~ arg ~ " as varchar), '')") -%}
    {%- endfor -%}
    md5({{ texts | join(" || '|' || ") }})
{%- endmacro %}

{#- A row has changed when its time is later than the version's. -#}
{% macro snapshot_timestamp_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) -%}
    {%- set columns = dbt.get_snapshot_column_names() -%}
    {%- set key = config.get('unique_key') -%}
    {%- set updated_at = config.get('updated_at') -%}
    {{ return({
        'unique_key': key,
        'updated_at': updated_at,
        'row_changed': snapshotted_rel ~ '.' ~ columns.dbt_valid_from ~ ' < ' ~ current_rel ~ '.' ~ updated_at,
        'scd_id': snapshot_hash_arguments(dbt.as_list(key) + [updated_at]),
        'invalidate_hard_deletes': get_hard_deletes_behavior(config) == 'invalidate',
        'hard_deletes': get_hard_deletes_behavior(config)
    }) }}
{%- endmacro %}

{#- A row has changed when one of the columns `check_cols` has, or there is a new one of
    these. -#}
{% macro snapshot_check_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) -%}
    {%- set key = config.get('unique_key') -%}
    {%- set updated_at = config.get('updated_at') or snapshot_get_time() -%}
    {%- set is_wider, columns = snapshot_check_all_get_existing_columns(node, target_exists, config.get('check_cols')) -%}
    {%- set differences = ['true'] if is_wider else [] -%}
    {%- for column in columns if not is_wider -%}
        {%- do differences.append(dbt.is_changed(snapshotted_rel ~ '.' ~ column, current_rel ~ '.' ~ column)) -%}
    {%- endfor -%}
    {{ return({
        'unique_key': key,
        'updated_at': updated_at,
        'row_changed': differences | join(' or ') or 'false',
        'scd_id': snapshot_hash_arguments(dbt.as_list(key) + [updated_at]),
        'invalidate_hard_deletes': get_hard_deletes_behavior(config) == 'invalidate',
        'hard_deletes': get_hard_deletes_behavior(config)
    }) }}
{%- endmacro %}

{% macro is_changed(before, after) -%}
    {{ return('(' ~ before ~ ' <> ' ~ after ~ ' or (' ~ before ~ ' is null) <> (' ~ after ~ ' is null))') }}
{%- endmacro %}

{#- Of the columns to compare whether one is not in the snapshot yet, and those that are,
    in quotes. -#}
{% macro snapshot_check_all_get_existing_columns(node, target_exists, check_cols_config) -%}
    {%- set given = get_column_schema_from_query(node['compiled_code']) | map(attribute='name') | list -%}
    {%- if check_cols_config == 'all' -%}
        {%- set wanted = given -%}
    {%- elif check_cols_config is iterable and check_cols_config is not string and check_cols_config -%}
        {%- set wanted = check_cols_config -%}
    {%- else -%}
        {%- do exceptions.raise_compiler_error(
            "`check_cols` of the snapshot `" ~ node['name'] ~ "` must be `all` or a list of columns, not `" ~ check_cols_config ~ "`"
        ) -%}
    {%- endif -%}
    {%- for name in wanted if name | lower not in given | map('lower') | list -%}
        {%- do exceptions.warn(
            "`check_cols` of the snapshot `" ~ node['name'] ~ "` names `" ~ name
            ~ "`, which the query does not give: every row counts as changed in each run"
        ) -%}
    {%- endfor -%}
    {%- if not target_exists -%}
        {{ return([false, []]) }}
    {%- endif -%}
    {%- set target = load_cached_relation(this) -%}
    {%- set known = adapter.get_columns_in_relation(target) | map(attribute='name') | map('lower') | list -%}
    {%- set existing = [] -%}
    {%- for name in wanted if name | lower in known -%}
        {%- do existing.append(adapter.quote(name)) -%}
    {%- endfor -%}
    {{ return([existing | length < wanted | length, existing]) }}
{%- endmacro %}

{#- What becomes of versions whose row is gone: `ignore`, `invalidate` or `new_record`;
    `adapter.get_hard_deletes_behavior` calls this. -#}
{% macro get_hard_deletes_behavior(config) -%}
    {%- set wanted = config.get('hard_deletes') -%}
    {%- set known = ['ignore', 'invalidate', 'new_record'] -%}
    {%- if wanted is none -%}
        {{ return('invalidate' if config.get('invalidate_hard_deletes') else 'ignore') }}
    {%- endif -%}
    {%- if config.get('invalidate_hard_deletes') is not none -%}
        {%- do exceptions.raise_compiler_error(
            "a snapshot cannot have both `hard_deletes` and `invalidate_hard_deletes`: remove the latter"
        ) -%}
    {%- endif -%}
    {%- if wanted not in known -%}
        {%- do exceptions.raise_compiler_error(
            "`" ~ wanted ~ "` is no value of `hard_deletes`; there are `" ~ known | join('`, `') ~ "`"
        ) -%}
    {%- endif -%}
    {{ return(wanted) }}
{%- endmacro %}
