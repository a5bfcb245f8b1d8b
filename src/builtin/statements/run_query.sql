{#- Runs a query and returns its rows as a table; `none` while the project is parsed.
    Joins the transaction that is open, if one is. -#}
{% macro run_query(sql) -%}
    {%- call statement('run_query_statement', fetch_result=true, auto_begin=false) -%}
        {{ sql }}
    {%- endcall -%}
    {%- set result = load_result('run_query_statement') -%}
    {{ return(result.table if result else none) }}
{%- endmacro %}
