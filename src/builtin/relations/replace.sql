{#- The statements that put a query in the place of a relation that is there. -#}
{% macro get_replace_sql(existing_relation, target_relation, sql) -%}
    {{ return(adapter.dispatch('get_replace_sql', 'dbt')(existing_relation, target_relation, sql)) }}
{%- endmacro %}

{% macro default__get_replace_sql(existing_relation, target_relation, sql) -%}
    {%- set create_sql = get_create_sql(target_relation, sql) -%}
    {%- if not dbt.is_replaced_by(existing_relation, target_relation, create_sql) -%}
{{ get_drop_sql(existing_relation) }}
    {% endif -%}
{{ create_sql }}
{%- endmacro %}

{#- Whether a statement that creates also does away with what has the name now. -#}
{% macro is_replaced_by(existing_relation, target_relation, create_sql) -%}
    {{ return(existing_relation.type == target_relation.type and 'or replace' in create_sql | lower) }}
{%- endmacro %}

{#- In the transaction that has built a relation beside another: gives it the other's place
    and name. -#}
{% macro take_place(existing_relation, beside, target_relation) -%}
    {%- if existing_relation is not none -%}
        {%- call statement('make_way') -%}
            {{ get_drop_sql(existing_relation) }}
        {%- endcall -%}
    {%- endif -%}
    {%- call statement('take_place') -%}
        {{ get_rename_sql(beside, target_relation.identifier) }}
    {%- endcall -%}
{%- endmacro %}

{#- In the transaction that is to build `target_relation`: drops what is in its way. -#}
{% macro make_way(existing_relation, target_relation, create_sql) -%}
    {%- if existing_relation is not none and not dbt.is_replaced_by(existing_relation, target_relation, create_sql) -%}
        {%- do dbt.release_dependents(existing_relation) -%}
        {%- call statement('make_way') -%}
            {{ get_drop_sql(existing_relation) }}
        {%- endcall -%}
    {%- endif -%}
{%- endmacro %}

{#- Whether a table is to be built beside the one that is there, which is dropped then: where
    the query reads it, or where readers would have to wait. -#}
{% macro must_build_beside(existing_relation, target_relation, sql) -%}
    {{ return(adapter.dispatch('must_build_beside', 'dbt')(existing_relation, target_relation, sql)) }}
{%- endmacro %}

{% macro default__must_build_beside(existing_relation, target_relation, sql) -%}
    {%- set is_filled_later = dbt.has_contract() or config.get('partitioned_by') or config.get('partition_by')
        or config.get('sorted_by') or config.get('sort_by') -%}
    {{ return(is_filled_later and existing_relation is not none and existing_relation.is_table
        and (target_relation | string) in sql) }}
{%- endmacro %}

{#- Builds a table of a query, as the statement `main`, in the place of what is there, with its
    indexes. -#}
{% macro build_table(existing_relation, target_relation, sql) -%}
    {%- if dbt.must_build_beside(existing_relation, target_relation, sql) -%}
        {%- set beside = make_intermediate_relation(target_relation) -%}
        {%- do drop_relation_if_exists(load_cached_relation(beside)) -%}
        {%- call statement('main') -%}
            {{ get_create_table_as_sql(false, beside, sql) }}
        {%- endcall -%}
        {%- do create_indexes(beside) -%}
        {%- do adapter.drop_relation(existing_relation) -%}
        {%- do adapter.rename_relation(beside, target_relation) -%}
    {%- else -%}
        {%- set build_sql = get_create_table_as_sql(false, target_relation, sql) -%}
        {%- do dbt.make_way(existing_relation, target_relation, build_sql) -%}
        {%- call statement('main') -%}
            {{ build_sql }}
        {%- endcall -%}
        {%- do create_indexes(target_relation) -%}
    {%- endif -%}
{%- endmacro %}

{#- Whether a view is to be made under another name first. As in dbt also where nothing has its
    name, so that what ran reads the same; not where that takes the server much longer. -#}
{% macro must_create_view_beside(existing_relation) -%}
    {{ return(adapter.dispatch('must_create_view_beside', 'dbt')(existing_relation)) }}
{%- endmacro %}

{% macro default__must_create_view_beside(existing_relation) -%}
    {{ return(true) }}
{%- endmacro %}
