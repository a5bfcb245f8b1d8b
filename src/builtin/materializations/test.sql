{#- Runs a data test: one row with `failures`, `should_warn` and `should_error`. Where the
    failing rows are to be stored, they are put in a table or view of their own first. -#}
{% materialization test, default %}
    {%- set limit = config.get('limit') -%}
    {%- set test_sql = sql if limit is none else get_limit_subquery_sql(sql, limit) -%}
    {%- set relations = [] -%}

    {%- if should_store_failures() -%}
        {%- set kind = config.get('store_failures_as') or 'table' -%}
        {%- if kind not in ['table', 'view'] -%}
            {%- do exceptions.raise_compiler_error(
                "`" ~ kind ~ "` is no value of `store_failures_as`; there are `table`, `view`, `ephemeral`"
            ) -%}
        {%- endif -%}
        {%- set existing_relation = load_cached_relation(this) -%}
        {%- set target_relation = this.incorporate(type=kind) -%}
        {%- set build_sql = get_create_sql(target_relation, test_sql) -%}
        {%- do dbt.make_way(existing_relation, target_relation, build_sql) -%}
        {%- call statement('store_failures') -%}
            {{ build_sql }}
        {%- endcall -%}
        {%- do adapter.commit() -%}
        {%- do relations.append(target_relation) -%}
        {%- set test_sql = 'select *\nfrom ' ~ target_relation -%}
    {%- endif -%}

    {%- call statement('main', fetch_result=true, auto_begin=false) -%}
        {{ get_test_sql(test_sql, config.get('fail_calc') or 'count(*)', config.get('warn_if') or '!= 0',
            config.get('error_if') or '!= 0', limit) }}
    {%- endcall -%}

    {{ return({'relations': relations}) }}
{% endmaterialization %}
