{#- In one query, so that nothing is asked while the model is compiled. -#}
{% macro duckdb__date_spine(datepart, start_date, end_date) -%}
select {{ dateadd(datepart, 'period', start_date) }} as date_{{ datepart }}
from (
    select unnest(range({{ datediff(start_date, end_date, datepart) }})) as period
) as periods
{%- endmacro %}

{% macro duckdb__generate_series(upper_bound) -%}
select range as generated_number
from range(1, {{ upper_bound }} + 1)
{%- endmacro %}
