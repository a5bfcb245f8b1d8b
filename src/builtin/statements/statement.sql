{#- Runs the SQL between the tags of a call block and keeps what came back under `name`
    for `load_result`. The statement named `main` is the one the node is reported by. -#}
{% macro statement(name=none, fetch_result=false, auto_begin=true, language='sql') -%}
    {%- if execute -%}
        {%- set statement_sql = caller() -%}
        {%- if name == 'main' -%}
            {%- do write(statement_sql) -%}
        {%- endif -%}
        {%- set response, table = adapter.execute(statement_sql, auto_begin=auto_begin, fetch=fetch_result) -%}
        {%- if name is not none -%}
            {%- do store_result(name, response=response, agate_table=table) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Keeps a result under `name` without running anything. -#}
{% macro noop_statement(name=none, message=none, code=none, rows_affected=none, res=none) -%}
    {%- set text = caller() -%}
    {%- if name == 'main' -%}
        {%- do write(text) -%}
    {%- endif -%}
    {%- if name is not none -%}
        {%- do store_raw_result(name, message=message, code=code, rows_affected=rows_affected, agate_table=res) -%}
    {%- endif -%}
{%- endmacro %}
