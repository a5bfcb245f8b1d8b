{#- What a table with an enforced contract is made of: its columns with their types and
    constraints, and then the constraints of the whole. -#}
{% macro get_table_columns_and_constraints() -%}
    {{ return(adapter.dispatch('get_table_columns_and_constraints', 'dbt')()) }}
{%- endmacro %}

{% macro default__get_table_columns_and_constraints() -%}
    {{ return(table_columns_and_constraints()) }}
{%- endmacro %}

{% macro table_columns_and_constraints() -%}
    {%- set parts = adapter.render_raw_columns_constraints(raw_columns=model['columns'])
        + adapter.render_raw_model_constraints(raw_constraints=model['constraints'] or []) -%}
(
    {{ parts | join(',\n    ') }}
    )
{%- endmacro %}

{#- The same under its older name. -#}
{% macro get_columns_spec_ddl() -%}
    {{ return(adapter.dispatch('get_columns_spec_ddl', 'dbt')()) }}
{%- endmacro %}

{% macro default__get_columns_spec_ddl() -%}
    {{ return(get_table_columns_and_constraints()) }}
{%- endmacro %}

{#- The names of the contract's columns, to insert into. -#}
{% macro get_column_names() -%}
(
    {% for name in dbt.contract_column_names() -%}
    {{ name }}{{ ' ,' if not loop.last }}
    {% endfor -%}
)
{%- endmacro %}

{% macro contract_column_names() -%}
    {%- set names = [] -%}
    {%- for column in model['columns'].values() -%}
        {%- do names.append(adapter.quote(column['name']) if column.get('quote') else column['name']) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{#- The query with its columns in the order of the contract. -#}
{% macro get_select_subquery(sql) -%}
    {{ return(adapter.dispatch('get_select_subquery', 'dbt')(sql)) }}
{%- endmacro %}

{% macro default__get_select_subquery(sql) -%}
    select {{ dbt.contract_column_names() | join(', ') }}
    from (
        {{ sql }}
    ) as model_subq
{%- endmacro %}

{#- Fails where the columns of the query are not those of the contract, whatever their order;
    prints nothing. -#}
{% macro get_assert_columns_equivalent(sql) -%}
    {{ return(adapter.dispatch('get_assert_columns_equivalent', 'dbt')(sql)) }}
{%- endmacro %}

{% macro default__get_assert_columns_equivalent(sql) -%}
    {{ return(assert_columns_equivalent(sql)) }}
{%- endmacro %}

{% macro assert_columns_equivalent(sql) -%}
    {%- if not execute -%}
        {{ return('') }}
    {%- endif -%}
    {%- if not model['columns'] -%}
        {%- do exceptions.raise_contract_error([], []) -%}
    {%- endif -%}
    {%- set promised = format_columns(get_column_schema_from_query(get_empty_schema_sql(model['columns']))) -%}
    {%- set found = format_columns(get_column_schema_from_query(sql, config.get('sql_header'))) -%}
    {%- set types = {} -%}
    {%- for column in found -%}
        {%- do types.update({column['name']: column['data_type']}) -%}
    {%- endfor -%}
    {%- set same = namespace(all=promised | length == found | length) -%}
    {%- for column in promised -%}
        {%- if types.get(column['name']) != column['data_type'] -%}
            {%- set same.all = false -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not same.all -%}
        {%- do exceptions.raise_contract_error(promised, found) -%}
    {%- endif -%}
{%- endmacro %}

{#- Columns as mappings of `name`, `data_type` and both together. -#}
{% macro format_columns(columns) -%}
    {%- set formatted = [] -%}
    {%- for column in columns -%}
        {%- do formatted.append(adapter.dispatch('format_column', 'dbt')(column)) -%}
    {%- endfor -%}
    {{ return(formatted) }}
{%- endmacro %}

{% macro default__format_column(column) -%}
    {%- set data_type = (column.dtype if column.is_string() else column.data_type) | upper -%}
    {{ return({'name': column.name, 'data_type': data_type, 'formatted': column.name ~ ' ' ~ data_type}) }}
{%- endmacro %}

{#- A query with the columns of the contract and no rows. -#}
{% macro get_empty_schema_sql(columns) -%}
    {{ return(adapter.dispatch('get_empty_schema_sql', 'dbt')(columns)) }}
{%- endmacro %}

{% macro default__get_empty_schema_sql(columns) -%}
    {%- set untyped = [] -%}
    {%- for column in columns.values() if not column.get('data_type') -%}
        {%- do untyped.append(column['name']) -%}
    {%- endfor -%}
    {%- if untyped -%}
        {%- do exceptions.column_type_missing(untyped) -%}
    {%- endif -%}
    {%- set alias_types = (config.get('contract') or {'alias_types': true}).alias_types -%}
    select
    {%- for column in columns.values() %}
        cast(null as {{ api.Column.translate_type(column['data_type']) if alias_types else column['data_type'] }}) as {{
            adapter.quote(column['name']) if column.get('quote') else column['name'] }}{{ ',' if not loop.last }}
    {%- endfor %}
    where false
{%- endmacro %}

{#- Whether the node is a model with an enforced contract. -#}
{% macro has_contract() -%}
    {%- set contract = config.get('contract') -%}
    {{ return(true if contract and contract.enforced and model.resource_type == 'model' else false) }}
{%- endmacro %}
