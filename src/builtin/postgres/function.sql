{#- See <https://www.postgresql.org/docs/current/sql-createfunction.html>. The config `volatility`
    lets the planner call a function less often. -#}
{% macro postgres__scalar_function_sql(target_relation) -%}
    {%- if not model.returns -%}
        {%- do exceptions.raise_compiler_error(
            "nothing says what the function `" ~ model.name ~ "` returns: describe it under `functions:` in a properties file, with `returns`"
        ) -%}
    {%- endif -%}
    {%- set volatility = {'deterministic': 'IMMUTABLE', 'stable': 'STABLE', 'non-deterministic': 'VOLATILE'}.get(config.get('volatility')) -%}
CREATE OR REPLACE FUNCTION {{ target_relation.render() }} ({{ formatted_scalar_function_args_sql() }})
RETURNS {{ model.returns.data_type }}
LANGUAGE sql{{ ' ' ~ volatility if volatility }}
AS $__dbt_body$
{{ model.compiled_code }}
$__dbt_body$
{%- endmacro %}
