{#- How many parts lie between two dates; asks the warehouse. -#}
{% macro get_intervals_between(start_date, end_date, datepart) -%}
    {{ return(adapter.dispatch('get_intervals_between', 'dbt')(start_date, end_date, datepart)) }}
{%- endmacro %}

{% macro default__get_intervals_between(start_date, end_date, datepart) -%}
    {%- if not execute -%}
        {{ return(0) }}
    {%- endif -%}
    {%- set answer = run_query('select ' ~ datediff(start_date, end_date, datepart)) -%}
    {{ return(answer.rows[0][0] | int) }}
{%- endmacro %}

{#- A query of one row a part, from the start date up to but without the end date, as
    `date_<part>`. -#}
{% macro date_spine(datepart, start_date, end_date) -%}
    {{ return(adapter.dispatch('date_spine', 'dbt')(datepart, start_date, end_date)) }}
{%- endmacro %}

{% macro default__date_spine(datepart, start_date, end_date) -%}
    {%- set intervals = get_intervals_between(start_date, end_date, datepart) -%}
with periods as (
{{ generate_series([intervals, 1] | max) }}
)

select {{ dateadd(datepart, 'generated_number - 1', start_date) }} as date_{{ datepart }}
from periods
where generated_number <= {{ intervals }}
{%- endmacro %}
