{#- Also compares types: where one is spelt another way, DuckDB says whether it is the same. -#}
{% macro duckdb__is_seed_table(relation, columns) -%}
    {%- set there = adapter.get_columns_in_relation(relation) -%}
    {%- if there | map(attribute='name') | map('lower') | list != columns | map(attribute='name') | map('lower') | list -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set types = there | map(attribute='data_type') | list -%}
    {%- if types == columns | map(attribute='type') | list -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set wanted = [] -%}
    {%- for column in columns -%}
        {%- do wanted.append('cast(null as ' ~ column.type ~ ') as ' ~ adapter.quote(column.name)) -%}
    {%- endfor -%}
    {%- set described = get_column_schema_from_query('select ' ~ wanted | join(', ')) -%}
    {{ return(types == described | map(attribute='data_type') | list) }}
{%- endmacro %}
