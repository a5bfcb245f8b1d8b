{#- DuckDB replaces a table in one statement, also one that the query reads. A table with a
    contract, or one of a DuckLake with a layout, is made empty and filled then. -#}
{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
    {%- set sql = compiled_code -%}
    {%- set partitioned_by = partitioned_by if partitioned_by is not none else duckdb__get_partitioned_by(relation, temporary) -%}
    {%- set sorted_by = sorted_by if sorted_by is not none else duckdb__get_sorted_by(relation, temporary) -%}
    {%- set sql_header = config.get('sql_header') -%}
    {%- set enforced = dbt.has_contract() -%}
    {%- if enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif -%}
{{ (sql_header ~ '\n') if sql_header else '' -}}
    {%- if enforced and not temporary -%}
create table {{ relation }}
{{ get_table_columns_and_constraints() }}
;
{{- dbt.ducklake_layout(relation, partitioned_by, sorted_by) }}
insert into {{ relation }} {{ get_column_names() }}
(
{{ get_select_subquery(sql) }}
);
    {%- elif partitioned_by or sorted_by -%}
create table {{ relation }} as
select * from (
{{ sql }}
) limit 0;
{{- dbt.ducklake_layout(relation, partitioned_by, sorted_by) }}
insert into {{ relation }} (
{{ sql }}
);
    {%- else -%}
create or replace {{ 'temporary ' if temporary }}table {{ relation }} as (
{{ get_select_subquery(sql) if enforced else sql }}
);
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__create_view_as(relation, sql) -%}
    {%- set sql_header = config.get('sql_header') -%}
    {%- if dbt.has_contract() -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif -%}
{{ (sql_header ~ '\n') if sql_header else '' -}}
create view {{ relation }} as (
{{ sql }}
);
{%- endmacro %}

{#- Temporary tables live in a database of their own, one a connection. -#}
{% macro duckdb__make_temp_relation(base_relation, suffix) -%}
    {{ return(api.Relation.create(
        database='temp',
        schema='main',
        identifier=base_relation.identifier ~ suffix,
        type='table'
    )) }}
{%- endmacro %}
