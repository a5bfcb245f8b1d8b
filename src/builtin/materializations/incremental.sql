{#- Adds to a table what the model gives, by a strategy, or builds the table where there
    is none yet. In one transaction, hooks included. -#}
{% materialization incremental, default %}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set on_schema_change = incremental_validate_on_schema_change(config.get('on_schema_change'), default='ignore') -%}
    {%- set strategy_sql = dbt.get_incremental_strategy_macro(config.get('incremental_strategy') or 'default') -%}
    {%- set anew = existing_relation is none or existing_relation.type != 'table' or should_full_refresh() -%}

    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}

    {%- if anew -%}
        {%- do dbt.build_table(existing_relation, target_relation, sql) -%}
    {%- else -%}
        {%- set temp_relation = make_temp_relation(target_relation) -%}
        {%- call statement('new_rows') -%}
            {{ get_create_table_as_sql(true, temp_relation, sql) }}
        {%- endcall -%}
        {%- set dest_columns = process_schema_changes(on_schema_change, temp_relation, existing_relation)
            or adapter.get_columns_in_relation(existing_relation) -%}
        {%- call statement('main') -%}
            {{ strategy_sql({
                'target_relation': target_relation,
                'temp_relation': temp_relation,
                'unique_key': config.get('unique_key'),
                'dest_columns': dest_columns,
                'incremental_predicates': config.get('predicates') or config.get('incremental_predicates')
            }) }}
        {%- endcall -%}
        {%- call statement('drop_new_rows') -%}
            {{ get_drop_sql(temp_relation) }}
        {%- endcall -%}
    {%- endif -%}

    {%- do apply_grants(target_relation, config.get('grants'), should_revoke(existing_relation, full_refresh_mode=anew)) -%}
    {%- do persist_docs(target_relation, model) -%}

    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
