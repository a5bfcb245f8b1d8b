{#- The statement that makes one index of the config `indexes`, or `none` where the
    warehouse has no indexes. -#}
{% macro get_create_index_sql(relation, index_dict) -%}
    {{ return(adapter.dispatch('get_create_index_sql', 'dbt')(relation, index_dict)) }}
{%- endmacro %}

{% macro default__get_create_index_sql(relation, index_dict) -%}
    {{ return(none) }}
{%- endmacro %}

{#- The statement that drops an index of a relation. -#}
{% macro get_drop_index_sql(relation, index_name) -%}
    {{ return(adapter.dispatch('get_drop_index_sql', 'dbt')(relation, index_name)) }}
{%- endmacro %}

{% macro default__get_drop_index_sql(relation, index_name) -%}
    {%- do exceptions.raise_not_implemented('get_drop_index_sql is not there for ' ~ adapter.type()) -%}
{%- endmacro %}

{#- A query for the indexes of a relation: `name`, `method`, `unique`, and `column_names` with
    commas between. -#}
{% macro get_show_indexes_sql(relation) -%}
    {{ return(adapter.dispatch('get_show_indexes_sql', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__get_show_indexes_sql(relation) -%}
    {%- do exceptions.raise_not_implemented('get_show_indexes_sql is not there for ' ~ adapter.type()) -%}
{%- endmacro %}

{#- Makes the indexes of the config on a table that has just been created. -#}
{% macro create_indexes(relation) -%}
    {{ return(adapter.dispatch('create_indexes', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__create_indexes(relation) -%}
    {%- for index_dict in config.get('indexes', default=[]) -%}
        {#- Two may be of the same columns: their names are made of their places too. -#}
        {%- set create_index_sql = get_create_index_sql(relation, dict(index_dict, position=loop.index)) -%}
        {%- if create_index_sql -%}
            {%- do run_query(create_index_sql) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
