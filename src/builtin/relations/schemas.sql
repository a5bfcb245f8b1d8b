{#- Creates a schema that may be there already. -#}
{% macro create_schema(relation) -%}
    {{ return(adapter.dispatch('create_schema', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__create_schema(relation) -%}
    {%- call statement('create_schema', auto_begin=false) -%}
        create schema if not exists {{ relation.without_identifier() }}
    {%- endcall -%}
{%- endmacro %}

{#- Drops a schema and all that is in it. -#}
{% macro drop_schema(relation) -%}
    {{ return(adapter.dispatch('drop_schema', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__drop_schema(relation) -%}
    {%- call statement('drop_schema', auto_begin=false) -%}
        drop schema if exists {{ relation.without_identifier() }} cascade
    {%- endcall -%}
{%- endmacro %}

{#- The same by name, in the target's database. -#}
{% macro drop_schema_named(schema_name) -%}
    {{ return(adapter.dispatch('drop_schema_named', 'dbt')(schema_name)) }}
{%- endmacro %}

{% macro default__drop_schema_named(schema_name) -%}
    {%- do adapter.drop_schema(api.Relation.create(database=target.database, schema=schema_name)) -%}
{%- endmacro %}

{#- Creates those of some schemas that are not there yet; each is a pair of database and
    schema. -#}
{% macro create_missing_schemas(schemas) -%}
    {%- set known = [] -%}
    {%- for database in schemas | map('first') | unique -%}
        {%- for row in list_schemas(database).rows -%}
            {%- do known.append((database ~ '.' ~ row[0]) | lower) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for database, schema in schemas if (database ~ '.' ~ schema) | lower not in known -%}
        {%- do adapter.create_schema(api.Relation.create(database=database, schema=schema)) -%}
    {%- endfor -%}
{%- endmacro %}
