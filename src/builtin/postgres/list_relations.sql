{% macro postgres__list_relations_without_caching(schema_relation) -%}
    {%- do dbt.check_database(schema_relation.database) -%}
    {%- call statement('list_relations_without_caching', fetch_result=true, auto_begin=false) -%}
        select
            {{ string_literal(escape_single_quotes(schema_relation.database or target.database)) }} as database,
            c.relname::text as name,
            n.nspname::text as schema,
            case c.relkind when 'v' then 'view' when 'm' then 'materialized_view' else 'table' end as type
        from pg_catalog.pg_class as c
        join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'v', 'm', 'f')
            and lower(n.nspname) = lower({{ string_literal(escape_single_quotes(schema_relation.schema)) }})
    {%- endcall -%}
    {{ return(load_result('list_relations_without_caching').table) }}
{%- endmacro %}

{#- Dropping a table takes the materialized views of its rows along: one that was there when
    the run began may be gone. -#}
{% macro postgres__confirmed_relation(relation) -%}
    {%- if relation is none or not relation.is_materialized_view -%}
        {{ return(relation) }}
    {%- endif -%}
    {{ return(relation if run_query(
        'select 1 where to_regclass(' ~ string_literal(escape_single_quotes(relation.include(database=false) | string)) ~ ') is not null'
    ).rows else none) }}
{%- endmacro %}
