{#- The query that judges a data test from its failing rows. No rows count as none, also
    where `fail_calc` makes a null of them. -#}
{% macro get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
    {{ return(adapter.dispatch('get_test_sql', 'dbt')(main_sql, fail_calc, warn_if, error_if, limit)) }}
{%- endmacro %}

{% macro default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
    {%- set failures = 'coalesce(' ~ fail_calc ~ ', 0)' -%}
select
    {{ failures }} as failures,
    {{ failures }} {{ warn_if }} as should_warn,
    {{ failures }} {{ error_if }} as should_error
from (
{{ main_sql }}
) as dbt_internal_test
{%- endmacro %}
