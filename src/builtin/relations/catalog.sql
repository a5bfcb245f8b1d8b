{#- The columns of all relations in some schemas, with owners and comments. -#}
{% macro get_catalog(information_schema, schemas) -%}
    {{ return(adapter.dispatch('get_catalog', 'dbt')(information_schema, schemas)) }}
{%- endmacro %}

{% macro default__get_catalog(information_schema, schemas) -%}
    {%- do exceptions.raise_not_implemented('get_catalog is not there for ' ~ adapter.type()) -%}
{%- endmacro %}

{#- The same of some relations. -#}
{% macro get_catalog_relations(information_schema, relations) -%}
    {{ return(adapter.dispatch('get_catalog_relations', 'dbt')(information_schema, relations)) }}
{%- endmacro %}

{% macro default__get_catalog_relations(information_schema, relations) -%}
    {%- do exceptions.raise_not_implemented('get_catalog_relations is not there for ' ~ adapter.type()) -%}
{%- endmacro %}

{#- For queries on `information_schema.tables`: the type of a relation as dbt names it. -#}
{% macro get_table_types_sql() -%}
    {{ return(adapter.dispatch('get_table_types_sql', 'dbt')()) }}
{%- endmacro %}

{% macro default__get_table_types_sql() -%}
case table_type
    when 'BASE TABLE' then 'table'
    when 'LOCAL TEMPORARY' then 'table'
    when 'EXTERNAL TABLE' then 'external'
    when 'MATERIALIZED VIEW' then 'materializedview'
    else lower(table_type)
end as {{ adapter.quote('table_type') }}
{%- endmacro %}
