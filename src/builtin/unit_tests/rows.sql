{#- A query for the rows that a unit test gives. `column_name_to_data_types` is a dict of all
    columns there are; those that a row leaves out are null. -#}
{% macro get_fixture_sql(rows, column_name_to_data_types) -%}
    {%- set types = column_name_to_data_types or unit_test_columns() -%}
    {{ return(
        '-- Fixture for ' ~ model.name ~ '\n'
        ~ unit_test_rows_sql(rows, types, types.keys() | list, "'" ~ model.name ~ "'")
    ) }}
{%- endmacro %}

{#- The same for the rows that are expected, with just the columns that they name. -#}
{% macro get_expected_sql(rows, column_name_to_data_types, column_name_quoted=none) -%}
    {%- set named = [] -%}
    {%- for row in rows -%}
        {%- for name in row if name | lower not in named -%}
            {%- do named.append(name | lower) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set columns = [] -%}
    {%- for name in column_name_to_data_types if not rows or name | lower in named -%}
        {%- do columns.append(name) -%}
    {%- endfor -%}
    {{ return(unit_test_rows_sql(rows, column_name_to_data_types, columns, 'expected output')) }}
{%- endmacro %}

{% macro unit_test_rows_sql(rows, types, columns, of) -%}
    {%- set known = {} -%}
    {%- for name in types -%}
        {%- do known.update({name | lower: name}) -%}
    {%- endfor -%}
    {%- set queries = [] -%}
    {%- for row in rows -%}
        {%- set values = {} -%}
        {%- for name, value in row.items() -%}
            {%- if name | lower not in known -%}
                {%- do exceptions.raise_compiler_error(
                    "Invalid column name: '" ~ name ~ "' in unit test fixture for " ~ of ~ ".\n"
                    ~ "Accepted columns for " ~ of ~ " are: " ~ types.keys() | list
                ) -%}
            {%- endif -%}
            {%- do values.update({name | lower: value}) -%}
        {%- endfor -%}
        {%- set cells = [] -%}
        {%- for name in columns -%}
            {%- set literal = unit_test_literal(values.get(name | lower), types[name]) -%}
            {%- do cells.append(safe_cast(literal, types[name]) ~ ' as ' ~ adapter.quote(name)) -%}
        {%- endfor -%}
        {%- do queries.append('select ' ~ cells | join(', ')) -%}
    {%- endfor -%}
    {%- if queries -%}
        {{ return(queries | join('\nunion all\n')) }}
    {%- endif -%}
    {%- set cells = [] -%}
    {%- for name in columns -%}
        {%- do cells.append(safe_cast('null', types[name]) ~ ' as ' ~ adapter.quote(name)) -%}
    {%- endfor -%}
    {{ return('select ' ~ cells | join(', ') ~ '\nlimit 0') }}
{%- endmacro %}

{#- A value of YAML in SQL, before it is cast to the type. -#}
{% macro unit_test_literal(value, type) -%}
    {{ return(adapter.dispatch('unit_test_literal', 'dbt')(value, type)) }}
{%- endmacro %}

{% macro default__unit_test_literal(value, type) -%}
    {%- if value is none -%}
        {{ return('null') }}
    {%- elif value is string -%}
        {{ return(string_literal(escape_single_quotes(value))) }}
    {%- elif value is boolean -%}
        {{ return('true' if value else 'false') }}
    {%- elif value is number -%}
        {{ return(value | string) }}
    {%- endif -%}
    {{ return(string_literal(escape_single_quotes(tojson(value)))) }}
{%- endmacro %}
