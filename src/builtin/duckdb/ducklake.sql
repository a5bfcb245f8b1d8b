{#- How the tables of a DuckLake are laid out: <https://docs.getdbt.com/reference/resource-configs/duckdb-configs>.
    The columns or transforms of the config `partitioned_by`, as the text of a list; `none` where
    the relation is in no DuckLake or has none. -#}
{% macro duckdb__get_partitioned_by(relation, temporary=false) -%}
    {%- set columns = dbt.ducklake_list(relation, temporary, 'partitioned_by', 'partition_by') -%}
    {{ return(none if columns is none else columns | join(', ')) }}
{%- endmacro %}

{#- The same of the config `sorted_by`, which names columns. -#}
{% macro duckdb__get_sorted_by(relation, temporary=false) -%}
    {%- set names = dbt.ducklake_list(relation, temporary, 'sorted_by', 'sort_by') -%}
    {{ return(none if names is none else get_quoted_csv(names)) }}
{%- endmacro %}

{#- A config that is a text or a list of them, checked. -#}
{% macro ducklake_list(relation, temporary, key, alias) -%}
    {%- if temporary or not adapter.is_ducklake(relation) -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set given = config.get(key, none) if config.get(key, none) is not none else config.get(alias, none) -%}
    {%- if given is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set both = key ~ '/' ~ alias -%}
    {%- if given is not string and (given is mapping or given is not sequence) -%}
        {%- do exceptions.raise_compiler_error(both ~ " must be a text or a list of texts, not `" ~ given ~ "`") -%}
    {%- endif -%}
    {%- set items = [given] if given is string else given -%}
    {%- if not items -%}
        {%- do exceptions.raise_compiler_error(both ~ " must contain at least one column") -%}
    {%- endif -%}
    {%- set texts = [] -%}
    {%- for item in items -%}
        {%- if item is not string or not item | trim -%}
            {%- do exceptions.raise_compiler_error(both ~ " list values must be non-empty strings, not `" ~ item ~ "`") -%}
        {%- endif -%}
        {%- do texts.append(item | trim) -%}
    {%- endfor -%}
    {{ return(texts) }}
{%- endmacro %}

{#- The statements that lay out a table before its rows come. -#}
{% macro ducklake_layout(relation, partitioned_by, sorted_by) -%}
    {%- if partitioned_by %}
alter table {{ relation }} set partitioned by ({{ partitioned_by }});
    {%- endif -%}
    {%- if sorted_by %}
alter table {{ relation }} set sorted by ({{ sorted_by }});
    {%- endif -%}
{%- endmacro %}

{#- The text of a program in Python that makes a table of what a model in Python gives:
    `materialize(rows, con)` over a connection of DuckDB. -#}
{% macro py_write_table(temporary, relation, compiled_code, partitioned_by=none, sorted_by=none) -%}
{{ compiled_code }}


def materialize(rows, con):
    con.register("__dbt_rows", rows)
    con.execute('''create or replace {{ 'temporary ' if temporary }}table {{ relation }} as select * from __dbt_rows limit 0''')
    {%- if partitioned_by %}
    con.execute('''alter table {{ relation }} set partitioned by ({{ partitioned_by }})''')
    {%- endif -%}
    {%- if sorted_by %}
    con.execute('''alter table {{ relation }} set sorted by ({{ sorted_by }})''')
    {%- endif %}
    con.execute('''insert into {{ relation }} select * from __dbt_rows''')
    con.unregister("__dbt_rows")
{%- endmacro %}
