{#- A session of the server sees one database: schemas are named without it. -#}
{% macro postgres__create_schema(relation) -%}
    {%- do dbt.check_database(relation.database) -%}
    {%- call statement('create_schema', auto_begin=false) -%}
        create schema if not exists {{ relation.without_identifier().include(database=false) }}
    {%- endcall -%}
{%- endmacro %}

{% macro postgres__drop_schema(relation) -%}
    {%- do dbt.check_database(relation.database) -%}
    {%- call statement('drop_schema', auto_begin=false) -%}
        drop schema if exists {{ relation.without_identifier().include(database=false) }} cascade
    {%- endcall -%}
{%- endmacro %}

{% macro postgres__information_schema_name(database) -%}
    information_schema
{%- endmacro %}

{% macro postgres__list_schemas(database) -%}
    {%- do dbt.check_database(database) -%}
    {{ return(run_query('select nspname from pg_catalog.pg_namespace')) }}
{%- endmacro %}

{% macro postgres__check_schema_exists(information_schema, schema) -%}
    {{ return(run_query(
        'select count(*) from pg_catalog.pg_namespace where nspname = ' ~ string_literal(escape_single_quotes(schema))
    )) }}
{%- endmacro %}

{#- An error for another database than that of the target. -#}
{% macro check_database(database) -%}
    {%- if database and database | string | lower != target.database | lower -%}
        {%- do exceptions.raise_compiler_error(
            "Cross-db references not allowed in postgres (" ~ database ~ " vs " ~ target.database
            ~ "): a session sees one database; leave `database` out, or use a target for the other one"
        ) -%}
    {%- endif -%}
{%- endmacro %}
