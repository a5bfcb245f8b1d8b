{#- A relation that is known to be there is described, which takes a millisecond; for any
    other all columns of all databases are searched. -#}
{% macro duckdb__get_columns_in_relation(relation) -%}
    {%- set known = relation.database == 'temp' or relation.external or load_cached_relation(relation) is not none -%}
    {%- call statement('get_columns_in_relation', fetch_result=true, auto_begin=false) -%}
        {%- if known -%}
            describe select * from {{ relation }}
        {%- else -%}
            select column_name, data_type
            from duckdb_columns()
            where lower(table_name) = lower({{ string_literal(escape_single_quotes(relation.identifier)) }})
            {%- if relation.schema %}
                and lower(schema_name) = lower({{ string_literal(escape_single_quotes(relation.schema)) }})
            {%- endif -%}
            {%- if relation.database %}
                and lower(database_name) = lower({{ string_literal(escape_single_quotes(relation.database)) }})
            {%- endif %}
            order by column_index
        {%- endif -%}
    {%- endcall -%}
    {{ return(dbt.duckdb_columns(load_result('get_columns_in_relation').table)) }}
{%- endmacro %}

{% macro duckdb__get_column_schema_from_query(select_sql, select_sql_header=none) -%}
    {{ return(dbt.duckdb_columns(run_query(
        ((select_sql_header ~ '\n') if select_sql_header else '') ~ 'describe ' ~ get_empty_subquery_sql(select_sql)
    ))) }}
{%- endmacro %}

{#- Rows that begin with a name and a type, as columns. -#}
{% macro duckdb_columns(rows) -%}
    {%- set columns = [] -%}
    {%- for row in rows.rows -%}
        {%- do columns.append(api.Column(row[0], row[1])) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
