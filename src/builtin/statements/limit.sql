{#- The query with a limit at its end: a limit of its own is then an error. -#}
{% macro get_limit_sql(sql, limit) -%}
    {{ return(adapter.dispatch('get_limit_sql', 'dbt')(sql, limit)) }}
{%- endmacro %}

{% macro default__get_limit_sql(sql, limit) -%}
{{ sql }}
    {%- if limit is not none %}
limit {{ limit }}
    {%- endif -%}
{%- endmacro %}

{#- The query as a subquery with a limit around it. -#}
{% macro get_limit_subquery_sql(sql, limit) -%}
    {{ return(adapter.dispatch('get_limit_subquery_sql', 'dbt')(sql, limit)) }}
{%- endmacro %}

{% macro default__get_limit_subquery_sql(sql, limit) -%}
select *
from (
{{ sql }}
) as model_limit_subq
limit {{ limit }}
{%- endmacro %}
