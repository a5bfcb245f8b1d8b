{#- How many powers of two, added up, reach a number. -#}
{% macro get_powers_of_two(upper_bound) -%}
    {{ return(adapter.dispatch('get_powers_of_two', 'dbt')(upper_bound)) }}
{%- endmacro %}

{% macro default__get_powers_of_two(upper_bound) -%}
    {%- if upper_bound <= 0 -%}
        {%- do exceptions.raise_compiler_error("the upper bound of a series must be above 0, not " ~ upper_bound) -%}
    {%- endif -%}
    {%- for power in range(1, 100) if upper_bound <= 2 ** power -%}
        {%- if loop.first -%}
            {{ return(power) }}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- A query of the numbers from 1 to the bound, as `generated_number`. -#}
{% macro generate_series(upper_bound) -%}
    {{ return(adapter.dispatch('generate_series', 'dbt')(upper_bound)) }}
{%- endmacro %}

{% macro default__generate_series(upper_bound) -%}
    {%- set powers = get_powers_of_two(upper_bound) -%}
with bits as (
    select 0 as bit union all select 1
),

numbers as (
    select
        {%- for power in range(powers) %}
        b{{ power }}.bit * {{ 2 ** power }} +
        {%- endfor %} 1 as generated_number
    from
        {%- for power in range(powers) %}
        bits as b{{ power }}{{ ' cross join' if not loop.last }}
        {%- endfor %}
)

select generated_number
from numbers
where generated_number <= {{ upper_bound }}
order by generated_number
{%- endmacro %}
