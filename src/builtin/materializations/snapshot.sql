{#- Keeps the history of a query's rows. The first run makes the table, each later one ends
    the versions that are no longer true and adds the new ones. In one transaction, hooks
    included: a failure leaves the history as it was. -#}
{% materialization snapshot, default %}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- if existing_relation is not none and not existing_relation.is_table -%}
        {%- do exceptions.raise_compiler_error(
            "the snapshot `" ~ model.name ~ "` cannot be kept in `" ~ existing_relation ~ "`: it is a "
            ~ existing_relation.type ~ ", not a table; drop or rename it, or give the snapshot an `alias`"
        ) -%}
    {%- endif -%}

    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}

    {%- set strategy_macro = strategy_dispatch(config.get('strategy')) -%}
    {%- set is_new = existing_relation is none -%}
    {%- set strategy = strategy_macro(model, 'snapshotted_data', 'source_data', model['config'], not is_new) -%}
    {%- do check_time_data_types(model['compiled_code']) -%}
    {%- if is_new -%}
        {%- set build_sql = build_snapshot_table(strategy, model['compiled_code']) -%}
        {%- call statement('main') -%}
            {{ get_create_table_as_sql(false, target_relation, build_sql) }}
        {%- endcall -%}
        {%- do create_indexes(target_relation) -%}
    {%- else -%}
        {%- do dbt.assert_valid_snapshot_target(existing_relation, dbt.get_snapshot_column_names(), strategy) -%}
        {%- set staging_table = build_snapshot_staging_table(strategy, model['compiled_code'], existing_relation) -%}
        {%- do adapter.expand_target_column_types(from_relation=staging_table, to_relation=target_relation) -%}
        {%- set passing = dbt.get_snapshot_passing_columns(strategy) -%}
        {%- set missing = [] -%}
        {%- for column in adapter.get_missing_columns(staging_table, target_relation) if column.name | lower not in passing -%}
            {%- do missing.append(column) -%}
        {%- endfor -%}
        {%- do create_columns(target_relation, missing) -%}
        {%- set insert_columns = [] -%}
        {%- for column in adapter.get_columns_in_relation(staging_table) if column.name | lower not in passing -%}
            {%- do insert_columns.append(adapter.quote(column.name)) -%}
        {%- endfor -%}
        {%- call statement('main') -%}
            {{ snapshot_merge_sql(target=target_relation, source=staging_table, insert_cols=insert_columns) }}
        {%- endcall -%}
    {%- endif -%}

    {%- do apply_grants(target_relation, config.get('grants'), should_revoke(existing_relation, full_refresh_mode=false)) -%}
    {%- do persist_docs(target_relation, model) -%}

    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- if staging_table is defined -%}
        {%- do post_snapshot(staging_table) -%}
    {%- endif -%}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
