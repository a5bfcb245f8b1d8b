{#- The statement that makes the table of a seed. Names are quoted unless the config
    `quote_columns` says no. -#}
{% macro get_create_seed_sql(relation, columns) -%}
    {{ return(adapter.dispatch('get_create_seed_sql', 'dbt')(relation, columns)) }}
{%- endmacro %}

{% macro default__get_create_seed_sql(relation, columns) -%}
    {%- set quoted = config.get('quote_columns') is not false -%}
create table {{ relation }} (
    {%- for column in columns %}
    {{ adapter.quote(column.name) if quoted else column.name }} {{ column.type }}{{ ',' if not loop.last }}
    {%- endfor %}
)
{%- endmacro %}

{#- Whether a table has just the columns of a seed, in the same order. -#}
{% macro is_seed_table(relation, columns) -%}
    {{ return(adapter.dispatch('is_seed_table', 'dbt')(relation, columns)) }}
{%- endmacro %}

{% macro default__is_seed_table(relation, columns) -%}
    {%- set there = adapter.get_columns_in_relation(relation) | map(attribute='name') | map('lower') | list -%}
    {{ return(there == columns | map(attribute='name') | map('lower') | list) }}
{%- endmacro %}

{#- How many rows an insert of values may have. -#}
{% macro get_batch_size() -%}
    {{ return(adapter.dispatch('get_batch_size', 'dbt')()) }}
{%- endmacro %}

{% macro default__get_batch_size() -%}
    {{ return(10000) }}
{%- endmacro %}
