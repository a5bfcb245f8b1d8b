{#- Makes the model a table function, which others call in `from`: `{{ ref('model') }}()`. Its
    config `parameters` names what it takes, as a text or a list.
    See <https://docs.getdbt.com/reference/resource-configs/duckdb-configs>. -#}
{% materialization table_function, adapter='duckdb' %}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set parameters = dbt.as_list(config.get('parameters')) -%}

    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}

    {#- A table or a view that the model was before. -#}
    {%- do adapter.drop_relation(existing_relation) if existing_relation is not none -%}
    {%- call statement('main') -%}
create or replace function {{ this.render() }} ({{ parameters | join(', ') }}) as table (
{{ sql }}
);
    {%- endcall -%}

    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}

    {{ return({'relations': []}) }}
{% endmaterialization %}
