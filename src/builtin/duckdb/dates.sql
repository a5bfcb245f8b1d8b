{#- A text literal is taken for a timestamp, as other warehouses do. -#}
{% macro duckdb__dateadd(datepart, interval, from_date_or_timestamp) -%}
    {%- set start = from_date_or_timestamp | string -%}
    date_add({{ 'cast(' ~ start ~ ' as timestamp)' if start.startswith("'") else start }}, interval ({{ interval }}) {{ datepart }})
{%- endmacro %}

{#- DuckDB counts whole weeks; truncated first, the Mondays between are counted. -#}
{% macro duckdb__datediff(first_date, second_date, datepart) -%}
    {%- if datepart | lower == 'week' -%}
        date_diff('week', date_trunc('week', cast({{ first_date }} as timestamp)), date_trunc('week', cast({{ second_date }} as timestamp)))
    {%- else -%}
        date_diff('{{ datepart }}', cast({{ first_date }} as timestamp), cast({{ second_date }} as timestamp))
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__date(year, month, day) -%}
    make_date({{ year }}, {{ month }}, {{ day }})
{%- endmacro %}

{% macro duckdb__current_timestamp() -%}
    now()
{%- endmacro %}
