{% macro duckdb__list_schemas(database) -%}
    {{ return(run_query(
        'select distinct schema_name from duckdb_schemas() where lower(database_name) = lower('
        ~ string_literal(escape_single_quotes(database)) ~ ')'
    )) }}
{%- endmacro %}

{% macro duckdb__check_schema_exists(information_schema, schema) -%}
    {{ return(run_query(
        'select count(*) from duckdb_schemas() where lower(database_name) = lower('
        ~ string_literal(escape_single_quotes(information_schema.database)) ~ ') and lower(schema_name) = lower('
        ~ string_literal(escape_single_quotes(schema)) ~ ')'
    )) }}
{%- endmacro %}
