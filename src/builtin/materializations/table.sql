{#- Makes the model a table. In one transaction, hooks included: readers see the old rows
    until it is committed, and a failure leaves them. -#}
{% materialization table, default %}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}

    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}

    {%- do dbt.build_table(existing_relation, target_relation, sql) -%}

    {%- do apply_grants(target_relation, config.get('grants'), should_revoke(existing_relation)) -%}
    {%- do persist_docs(target_relation, model) -%}

    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
