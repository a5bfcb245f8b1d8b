{% macro duckdb__list_relations_without_caching(schema_relation) -%}
    {%- set place %}
where lower(database_name) = lower({{ string_literal(escape_single_quotes(schema_relation.database)) }})
    and lower(schema_name) = lower({{ string_literal(escape_single_quotes(schema_relation.schema)) }})
    {%- endset -%}
    {%- call statement('list_relations_without_caching', fetch_result=true, auto_begin=false) -%}
        select database_name as database, table_name as name, schema_name as schema, 'table' as type
        from duckdb_tables()
        {{ place }}
        union all
        select database_name, view_name, schema_name, 'view'
        from duckdb_views()
        {{ place }}
    {%- endcall -%}
    {{ return(load_result('list_relations_without_caching').table) }}
{%- endmacro %}
