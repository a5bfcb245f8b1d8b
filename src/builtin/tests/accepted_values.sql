{#- Fails on each value of a column that is not one of those named. -#}
{% test accepted_values(model, column_name, values, quote=true) %}
    {{ return(adapter.dispatch('test_accepted_values', 'dbt')(model, column_name, values, quote)) }}
{% endtest %}

{% macro default__test_accepted_values(model, column_name, values, quote=true) %}
with all_values as (
    select
        {{ column_name }} as value_field,
        count(*) as n_records
    from {{ model }}
    group by {{ column_name }}
)

select *
from all_values
where value_field not in (
    {% for value in values -%}
        {{ dbt.accepted_value(value) if quote else value }}{{ ',' if not loop.last }}
    {%- endfor %}
)
{% endmacro %}

{#- A value as a literal; one that has its quotes doubled already is left as it is. -#}
{% macro accepted_value(value) -%}
    {%- set text = value | string -%}
    {{ return(string_literal(text if "''" in text else escape_single_quotes(text))) }}
{%- endmacro %}
