{#- When the newest row of a source was loaded, and the time now: what is answered is a result
    whose table has one row with both. -#}
{% macro collect_freshness(source, loaded_at_field, filter) -%}
    {{ return(adapter.dispatch('collect_freshness', 'dbt')(source, loaded_at_field, filter)) }}
{%- endmacro %}

{% macro default__collect_freshness(source, loaded_at_field, filter) -%}
    {%- call statement('collect_freshness', fetch_result=true, auto_begin=false) -%}
select
    max({{ loaded_at_field }}) as max_loaded_at,
    {{ current_timestamp() }} as snapshotted_at
from {{ source }}
        {%- if filter %}
where {{ filter }}
        {%- endif -%}
    {%- endcall -%}
    {{ return(load_result('collect_freshness')) }}
{%- endmacro %}

{#- The same of relations that the warehouse itself knows it of: a row of `schema`, `identifier`,
    `last_modified` and `snapshotted_at` each. -#}
{% macro get_relation_last_modified(information_schema, relations) -%}
    {{ return(adapter.dispatch('get_relation_last_modified', 'dbt')(information_schema, relations)) }}
{%- endmacro %}

{% macro default__get_relation_last_modified(information_schema, relations) -%}
    {%- do exceptions.raise_not_implemented('get_relation_last_modified is not there for ' ~ adapter.type()) -%}
{%- endmacro %}

{#- The same, where a query of the project's own tells it. -#}
{% macro collect_freshness_custom_sql(source, loaded_at_query) -%}
    {{ return(adapter.dispatch('collect_freshness_custom_sql', 'dbt')(source, loaded_at_query)) }}
{%- endmacro %}

{% macro default__collect_freshness_custom_sql(source, loaded_at_query) -%}
    {%- call statement('collect_freshness_custom_sql', fetch_result=true, auto_begin=false) -%}
with source_query as (
    {{ loaded_at_query }}
)
select
    (select * from source_query) as max_loaded_at,
    {{ current_timestamp() }} as snapshotted_at
    {%- endcall -%}
    {{ return(load_result('collect_freshness_custom_sql')) }}
{%- endmacro %}
