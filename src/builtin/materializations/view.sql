{#- Makes the model a view. In one transaction, hooks included: readers see the old one until
    it is committed, and a failure leaves what was there. -#}
{% materialization view, default %}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='view') -%}

    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}

    {%- set build_sql = get_create_view_as_sql(target_relation, sql) -%}
    {%- do dbt.make_way(existing_relation, target_relation, build_sql) -%}
    {%- call statement('main') -%}
        {{ build_sql }}
    {%- endcall -%}

    {%- do apply_grants(target_relation, config.get('grants'), should_revoke(existing_relation)) -%}
    {%- do persist_docs(target_relation, model) -%}

    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
