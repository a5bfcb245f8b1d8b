{#- Runs a unit test: the rows that the query gives and those that are expected, for us to
    compare. Nothing is created. -#}
{% materialization unit, default %}
    {%- set types = {} -%}
    {%- for column in get_column_schema_from_query(sql) -%}
        {%- do types.update({column.name: dbt.unit_test_type(column)}) -%}
    {%- endfor -%}
    {%- if unit_test_expected.format == 'sql' -%}
        {%- set expected_sql = render(unit_test_expected.rows) -%}
        {%- set columns = get_columns_in_query(expected_sql) -%}
        {%- set known = types.keys() | map('lower') | list -%}
        {%- for name in columns if name | lower not in known -%}
            {%- do exceptions.raise_compiler_error(
                "Invalid column name: '" ~ name ~ "' in unit test fixture for expected output.\n"
                ~ "Accepted columns for expected output are: " ~ types.keys() | list
            ) -%}
        {%- endfor -%}
    {%- else -%}
        {%- set expected_sql = get_expected_sql(unit_test_expected.rows, types) -%}
        {%- set columns = get_columns_in_query(expected_sql) -%}
    {%- endif -%}

    {%- call statement('main', fetch_result=true, auto_begin=false) -%}
        {{ get_unit_test_sql(sql, expected_sql, columns) }}
    {%- endcall -%}

    {{ return({'relations': []}) }}
{% endmaterialization %}
