{#- Lets the relation that an earlier run built stand here too: as a copy where the warehouse
    copies tables without their data, else as a view of it. What is here already stays, unless
    a full refresh is asked for. -#}
{% materialization clone, default %}
    {%- if not defer_relation -%}
        {%- do log('No relation found in state manifest for ' ~ model.unique_id, info=true) -%}
        {{ return({'relations': []}) }}
    {%- endif -%}

    {%- set target_relation = this -%}
    {%- set existing_relation = load_cached_relation(target_relation) -%}
    {%- if dbt.is_same_relation(target_relation, defer_relation) -%}
        {%- do log('The target relation is that of the state, skipping clone for relation ' ~ target_relation, info=true) -%}
        {{ return({'relations': [existing_relation] if existing_relation else []}) }}
    {%- endif -%}
    {%- if existing_relation and not flags.FULL_REFRESH -%}
        {%- do log('Relation ' ~ existing_relation ~ ' already exists', info=true) -%}
        {{ return({'relations': [existing_relation]}) }}
    {%- endif -%}

    {%- set other_relation = load_cached_relation(defer_relation) -%}
    {%- if other_relation and other_relation.type == 'table' and can_clone_table() -%}
        {%- set target_relation = target_relation.incorporate(type='table') -%}
        {%- set build_sql = create_or_replace_clone(target_relation, defer_relation) -%}
    {%- else -%}
        {%- set target_relation = target_relation.incorporate(type='view') -%}
        {%- set build_sql = get_create_view_as_sql(target_relation, 'select * from ' ~ defer_relation) -%}
    {%- endif -%}
    {%- do dbt.make_way(existing_relation, target_relation, build_sql) -%}
    {%- call statement('main') -%}
        {{ build_sql }}
    {%- endcall -%}

    {%- do apply_grants(target_relation, config.get('grants'), should_revoke(existing_relation)) -%}
    {%- do persist_docs(target_relation, model) -%}
    {%- do adapter.commit() -%}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- Whether two relations are one: a view of itself would lose what was there. -#}
{% macro is_same_relation(one, other) -%}
    {{ return(one.database | lower == other.database | lower
        and one.schema | lower == other.schema | lower
        and one.identifier | lower == other.identifier | lower) }}
{%- endmacro %}

{#- Whether the warehouse copies a table without its data. -#}
{% macro can_clone_table() -%}
    {{ return(adapter.dispatch('can_clone_table', 'dbt')()) }}
{%- endmacro %}

{% macro default__can_clone_table() -%}
    {{ return(false) }}
{%- endmacro %}

{#- The statement that does. -#}
{% macro create_or_replace_clone(this_relation, defer_relation) -%}
    {{ return(adapter.dispatch('create_or_replace_clone', 'dbt')(this_relation, defer_relation)) }}
{%- endmacro %}

{% macro default__create_or_replace_clone(this_relation, defer_relation) -%}
create or replace table {{ this_relation.render() }} clone {{ defer_relation.render() }}
{%- endmacro %}
