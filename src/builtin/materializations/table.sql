{#- Makes the model a table. In one transaction, hooks included: readers see the old rows
    until it is committed, and a failure leaves them. -#}
{% materialization table, default %}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}

    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}

    {%- if dbt.must_build_beside(existing_relation, target_relation, sql) -%}
        {%- set beside = make_intermediate_relation(target_relation) -%}
        {%- call statement('main') -%}
            {{ get_create_table_as_sql(false, beside, sql) }}
        {%- endcall -%}
        {%- do adapter.drop_relation(existing_relation) -%}
        {%- do adapter.rename_relation(beside, target_relation) -%}
    {%- else -%}
        {%- set build_sql = get_create_table_as_sql(false, target_relation, sql) -%}
        {%- do dbt.make_way(existing_relation, target_relation, build_sql) -%}
        {%- call statement('main') -%}
            {{ build_sql }}
        {%- endcall -%}
    {%- endif -%}

    {%- do create_indexes(target_relation) -%}
    {%- do apply_grants(target_relation, config.get('grants'), should_revoke(existing_relation)) -%}
    {%- do persist_docs(target_relation, model) -%}

    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
