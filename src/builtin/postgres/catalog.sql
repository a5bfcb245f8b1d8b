{% macro postgres__get_catalog(information_schema, schemas) -%}
    {%- do dbt.check_database(information_schema.database) -%}
    {%- set chosen = [] -%}
    {%- for schema in schemas -%}
        {%- do chosen.append('lower(n.nspname) = lower(' ~ string_literal(escape_single_quotes(schema)) ~ ')') -%}
    {%- endfor -%}
    {{ return(run_query(dbt.postgres_catalog_sql(information_schema.database, chosen))) }}
{%- endmacro %}

{% macro postgres__get_catalog_relations(information_schema, relations) -%}
    {%- do dbt.check_database(information_schema.database) -%}
    {%- set chosen = [] -%}
    {%- for relation in relations -%}
        {%- set in_schema = 'lower(n.nspname) = lower(' ~ string_literal(escape_single_quotes(relation.schema)) ~ ')' -%}
        {%- set named = 'lower(c.relname) = lower(' ~ string_literal(escape_single_quotes(relation.identifier)) ~ ')' -%}
        {%- do chosen.append(in_schema ~ (' and ' ~ named if relation.identifier else '')) -%}
    {%- endfor -%}
    {{ return(run_query(dbt.postgres_catalog_sql(information_schema.database, chosen))) }}
{%- endmacro %}

{% macro postgres_catalog_sql(database, conditions) -%}
select
    {{ string_literal(escape_single_quotes(database or target.database)) }} as table_database,
    n.nspname::text as table_schema,
    c.relname::text as table_name,
    case c.relkind when 'v' then 'VIEW' when 'm' then 'MATERIALIZED VIEW' else 'BASE TABLE' end as table_type,
    pg_catalog.obj_description(c.oid, 'pg_class') as table_comment,
    a.attname::text as column_name,
    a.attnum as column_index,
    pg_catalog.format_type(a.atttypid, a.atttypmod) as column_type,
    pg_catalog.col_description(c.oid, a.attnum) as column_comment,
    pg_catalog.pg_get_userbyid(c.relowner)::text as table_owner
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
join pg_catalog.pg_attribute as a on a.attrelid = c.oid
where c.relkind in ('r', 'p', 'v', 'm', 'f')
    and c.relpersistence in ('p', 'u')
    and a.attnum > 0
    and not a.attisdropped
    and ({{ conditions | join(' or ') or 'false' }})
order by n.nspname, c.relname, a.attnum
{%- endmacro %}
