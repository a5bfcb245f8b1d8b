{#- DuckDB's functions in SQL are macros: the expression is put in the place of the call.
    The result is cast, arguments have the types they are given with. -#}
{% macro duckdb__scalar_function_sql(target_relation) -%}
    {%- if not model.returns -%}
        {%- do exceptions.raise_compiler_error(
            "nothing says what the function `" ~ model.name ~ "` returns: describe it under `functions:` in a properties file, with `returns`"
        ) -%}
    {%- endif -%}
create or replace function {{ target_relation.render() }} ({{ formatted_scalar_function_args_sql() }}) as (
    cast((
{{ model.compiled_code }}
    ) as {{ model.returns.data_type }})
)
{%- endmacro %}

{#- The same: an expression with aggregates in it aggregates where it is called. -#}
{% macro duckdb__aggregate_function_sql(target_relation) -%}
    {{ return(duckdb__scalar_function_sql(target_relation)) }}
{%- endmacro %}

{% macro duckdb__formatted_scalar_function_args_sql() -%}
    {%- for argument in model.arguments -%}
        {{ adapter.quote(argument.name) }}
        {{- (' := ' ~ argument.default_value) if argument.default_value is not none }}
        {{- ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
