{% macro duckdb__get_catalog(information_schema, schemas) -%}
    {%- set chosen = [] -%}
    {%- for schema in schemas -%}
        {%- do chosen.append('lower(r.schema_name) = lower(' ~ string_literal(escape_single_quotes(schema)) ~ ')') -%}
    {%- endfor -%}
    {{ return(run_query(dbt.duckdb_catalog_sql(information_schema.database, chosen))) }}
{%- endmacro %}

{% macro duckdb__get_catalog_relations(information_schema, relations) -%}
    {%- set chosen = [] -%}
    {%- for relation in relations -%}
        {%- set in_schema = 'lower(r.schema_name) = lower(' ~ string_literal(escape_single_quotes(relation.schema)) ~ ')' -%}
        {%- set named = 'lower(r.name) = lower(' ~ string_literal(escape_single_quotes(relation.identifier)) ~ ')' -%}
        {%- do chosen.append(in_schema ~ (' and ' ~ named if relation.identifier else '')) -%}
    {%- endfor -%}
    {{ return(run_query(dbt.duckdb_catalog_sql(information_schema.database, chosen))) }}
{%- endmacro %}

{% macro duckdb_catalog_sql(database, conditions) -%}
with relations as (
    select database_name, schema_name, table_name as name, 'BASE TABLE' as kind, comment from duckdb_tables()
    union all
    select database_name, schema_name, view_name, 'VIEW', comment from duckdb_views()
)

select
    r.database_name as table_database,
    r.schema_name as table_schema,
    r.name as table_name,
    r.kind as table_type,
    r.comment as table_comment,
    cast(null as varchar) as table_owner,
    c.column_name,
    c.column_index,
    c.data_type as column_type,
    c.comment as column_comment
from relations as r
join duckdb_columns() as c
    on c.database_name = r.database_name and c.schema_name = r.schema_name and c.table_name = r.name
where lower(r.database_name) = lower({{ string_literal(escape_single_quotes(database)) }})
    and ({{ conditions | join(' or ') or 'false' }})
order by table_schema, table_name, c.column_index
{%- endmacro %}
