{#- Loads a CSV file into a table. One that is there is emptied and filled again, so that
    views and indexes on it stay; where its columns changed, or with `--full-refresh`, it
    is built anew. With `--empty` its types are there, and no rows. In one transaction, hooks
    included. -#}
{% materialization seed, default %}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- if existing_relation is not none and existing_relation.is_view and not should_full_refresh() -%}
        {%- do exceptions.raise_compiler_error("cannot seed to `" ~ existing_relation ~ "`: it is a view; --full-refresh replaces it") -%}
    {%- endif -%}
    {%- set columns = adapter.infer_seed(model) -%}

    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}

    {%- set anew = existing_relation is none or should_full_refresh() or not dbt.is_seed_table(existing_relation, columns) -%}
    {%- if anew -%}
        {%- do dbt.make_way(existing_relation, target_relation, '') -%}
        {%- set prepare_sql = dbt.get_create_seed_sql(target_relation, columns) -%}
    {%- else -%}
        {%- set prepare_sql = 'truncate table ' ~ target_relation -%}
    {%- endif -%}
    {%- do write(prepare_sql) -%}
    {%- call statement('prepare') -%}
        {{ prepare_sql }}
    {%- endcall -%}
    {%- if flags.EMPTY -%}
        {%- do store_raw_result('main', message='INSERT 0', code='INSERT', rows_affected=0) -%}
    {%- else -%}
        {%- do store_result('main', response=adapter.load_seed(target_relation, model, columns), agate_table=none) -%}
    {%- endif -%}

    {%- if anew -%}
        {%- do create_indexes(target_relation) -%}
    {%- endif -%}
    {%- do apply_grants(target_relation, config.get('grants'), should_revoke(existing_relation, full_refresh_mode=anew)) -%}
    {%- do persist_docs(target_relation, model) -%}

    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
