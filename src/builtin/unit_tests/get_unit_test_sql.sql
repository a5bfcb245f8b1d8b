{#- A query for what came out and what was expected, told apart by the column
    `actual_or_expected`. -#}
{% macro get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
    {{ return(adapter.dispatch('get_unit_test_sql', 'dbt')(main_sql, expected_fixture_sql, expected_column_names)) }}
{%- endmacro %}

{% macro default__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
    {%- set columns = [] -%}
    {%- for name in expected_column_names -%}
        {%- do columns.append(adapter.quote(name)) -%}
    {%- endfor -%}
with dbt_internal_unit_test_actual as (
    select {{ columns | join(', ') }}, 'actual' as {{ adapter.quote('actual_or_expected') }}
    from (
{{ main_sql }}
    ) as dbt_internal_unit_test_actual_rows
),
dbt_internal_unit_test_expected as (
    select {{ columns | join(', ') }}, 'expected' as {{ adapter.quote('actual_or_expected') }}
    from (
{{ expected_fixture_sql }}
    ) as dbt_internal_unit_test_expected_rows
)
select * from dbt_internal_unit_test_actual
union all
select * from dbt_internal_unit_test_expected
{%- endmacro %}
