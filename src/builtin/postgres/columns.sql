{#- Found as a statement would find it: temporary tables, too. -#}
{% macro postgres__get_columns_in_relation(relation) -%}
    {%- call statement('get_columns_in_relation', fetch_result=true, auto_begin=false) -%}
        select
            a.attname::text as column_name,
            pg_catalog.format_type(a.atttypid, case when a.atttypid in ('numeric'::regtype, 'varchar'::regtype, 'bpchar'::regtype) then null else a.atttypmod end) as data_type,
            information_schema._pg_char_max_length(a.atttypid, a.atttypmod)::integer as character_maximum_length,
            case when a.atttypid = 'numeric'::regtype then information_schema._pg_numeric_precision(a.atttypid, a.atttypmod)::integer end as numeric_precision,
            case when a.atttypid = 'numeric'::regtype then information_schema._pg_numeric_scale(a.atttypid, a.atttypmod)::integer end as numeric_scale
        from pg_catalog.pg_attribute as a
        where a.attrelid = to_regclass({{ string_literal(escape_single_quotes(relation.include(database=false) | string)) }})
            and a.attnum > 0
            and not a.attisdropped
        order by a.attnum
    {%- endcall -%}
    {{ return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) }}
{%- endmacro %}

{#- Types that are changed need the values cast. -#}
{% macro postgres__alter_column_type(relation, column_name, new_column_type) -%}
    {%- set column = adapter.quote(column_name) -%}
    {%- call statement('alter_column_type', auto_begin=false) -%}
        alter table {{ relation }} alter column {{ column }} type {{ new_column_type }} using {{ column }}::{{ new_column_type }}
    {%- endcall -%}
{%- endmacro %}
