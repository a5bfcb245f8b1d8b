{#- DuckDB drops no table that a foreign key points at. The tables that point at it, and those
    that point at them, are to be built again later in this run: until then they keep their
    rows without their foreign keys. -#}
{% macro duckdb__release_dependents(relation) -%}
    {%- if not relation.is_table or adapter.is_ducklake(relation) -%}
        {{ return('') }}
    {%- endif -%}
    {%- set pointing = dbt.foreign_keys_around(relation) -%}
    {%- if not pointing -%}
        {{ return('') }}
    {%- endif -%}
    {%- set obstacles = [] -%}
    {%- set dependents = [] -%}
    {%- for key in pointing if key.depth > 0 and key.table_name not in dependents -%}
        {%- do dependents.append(key.table_name) -%}
    {%- endfor -%}
    {%- for name in dependents | reverse -%}
        {%- set node = dbt.node_of_table(relation.database, relation.schema, name) -%}
        {%- set reasons = [] -%}
        {%- for key in pointing if key.depth > 0 and key.table_name == name -%}
            {%- set referenced = dbt.node_of_table(relation.database, relation.schema, key.referenced_table) -%}
            {%- set reason = dbt.why_not_rebuilt(node, referenced) -%}
            {%- if reason is not none and reason not in reasons -%}
                {%- do reasons.append(reason) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if reasons -%}
            {%- do obstacles.append(name ~ ' (' ~ reasons | join(', ') ~ ')') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if obstacles -%}
        {%- do exceptions.raise_compiler_error(
            "`" ~ relation.identifier ~ "` cannot be built anew, because foreign keys point at it from tables that would not be "
            ~ "built again after it: " ~ obstacles | join(', ')
        ) -%}
    {%- endif -%}
    {%- if target.get('disable_transactions') -%}
        {%- do log("disable_transactions is set, but dbt-duckdb uses a transaction to build `" ~ relation.identifier
            ~ "` anew, as foreign keys hold it to other tables", info=true) -%}
        {%- call statement('begin', auto_begin=false) -%}
            begin transaction
        {%- endcall -%}
    {%- endif -%}
    {%- for name in dependents -%}
        {%- set dependent = api.Relation.create(database=relation.database, schema=relation.schema, identifier=name, type='table') -%}
        {%- set kept = make_temp_relation(dependent, '__dbt_kept') -%}
        {%- call statement('release_dependent') -%}
create or replace temporary table {{ kept }} as select * from {{ dependent }};
drop table {{ dependent }};
create table {{ dependent }} as select * from {{ kept }};
drop table {{ kept }};
        {%- endcall -%}
    {%- endfor -%}
{%- endmacro %}

{#- The foreign keys that point at a table, straight or by way of others, as rows of
    `table_name`, `referenced_table` and `depth`, the farthest first; last its own, of depth 0. -#}
{% macro foreign_keys_around(relation) -%}
    {%- set name = string_literal(escape_single_quotes(relation.identifier | lower)) -%}
    {%- call statement('foreign_keys', fetch_result=true, auto_begin=false) -%}
with recursive keys as (
    select distinct table_name, referenced_table
    from duckdb_constraints()
    where constraint_type = 'FOREIGN KEY'
        and lower(database_name) = {{ string_literal(escape_single_quotes(relation.database | lower)) }}
        and lower(schema_name) = {{ string_literal(escape_single_quotes(relation.schema | lower)) }}
        and table_name <> referenced_table
),
pointing as (
    select table_name, referenced_table, 1 as depth from keys where lower(referenced_table) = {{ name }}
    union
    select keys.table_name, keys.referenced_table, depth + 1
    from keys join pointing on keys.referenced_table = pointing.table_name
),
found as (
    select table_name, referenced_table, max(depth) as depth from pointing group by all
    union all
    select table_name, referenced_table, 0 from keys where lower(table_name) = {{ name }}
)
select table_name, referenced_table, depth
from found
order by max(depth) over (partition by table_name) desc, table_name, referenced_table
    {%- endcall -%}
    {{ return(load_result('foreign_keys').table.rows) }}
{%- endmacro %}
