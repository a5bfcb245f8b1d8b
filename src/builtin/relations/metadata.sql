{#- What the warehouse is asked about itself. Each warehouse has answers of its own; the
    columns they give are the same. -#}

{#- A table with `database`, `name`, `schema`, `type` of each relation of a schema. -#}
{% macro list_relations_without_caching(schema_relation) -%}
    {{ return(adapter.dispatch('list_relations_without_caching', 'dbt')(schema_relation)) }}
{%- endmacro %}

{% macro default__list_relations_without_caching(schema_relation) -%}
    {%- do exceptions.raise_not_implemented('list_relations_without_caching is not there for ' ~ adapter.type()) -%}
{%- endmacro %}

{#- The view of a database on itself. -#}
{% macro information_schema_name(database) -%}
    {{ return(adapter.dispatch('information_schema_name', 'dbt')(database)) }}
{%- endmacro %}

{% macro default__information_schema_name(database) -%}
    {%- if database -%}{{ adapter.quote(database) }}.{%- endif -%}
    information_schema
{%- endmacro %}

{#- A table with the names of a database's schemas. -#}
{% macro list_schemas(database) -%}
    {{ return(adapter.dispatch('list_schemas', 'dbt')(database)) }}
{%- endmacro %}

{% macro default__list_schemas(database) -%}
    {{ return(run_query(
        'select distinct schema_name from ' ~ information_schema_name(database) ~ '.schemata where catalog_name = '
        ~ string_literal(escape_single_quotes(database))
    )) }}
{%- endmacro %}

{#- A table with one number: how many schemas have that name. -#}
{% macro check_schema_exists(information_schema, schema) -%}
    {{ return(adapter.dispatch('check_schema_exists', 'dbt')(information_schema, schema)) }}
{%- endmacro %}

{% macro default__check_schema_exists(information_schema, schema) -%}
    {{ return(run_query(
        'select count(*) from ' ~ information_schema_name(information_schema.database) ~ '.schemata where catalog_name = '
        ~ string_literal(escape_single_quotes(information_schema.database))
        ~ ' and schema_name = ' ~ string_literal(escape_single_quotes(schema))
    )) }}
{%- endmacro %}
