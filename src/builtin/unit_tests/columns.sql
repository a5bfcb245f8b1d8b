{#- The columns of what given rows stand in for, as a dict from names to types: those of the
    relation `this`; where it is not there, those that a properties file declares, those of a
    seed's file, or those of `query`, which an ephemeral model is. -#}
{% macro unit_test_columns(query=none) -%}
    {%- set relation = none if query is not none else load_relation(this) -%}
    {%- set types = {} -%}
    {%- if query is not none -%}
        {%- for column in get_column_schema_from_query(query) -%}
            {%- do types.update({column.name: dbt.unit_test_type(column)}) -%}
        {%- endfor -%}
    {%- elif relation is not none -%}
        {%- for column in adapter.get_columns_in_relation(relation) -%}
            {%- do types.update({column.name: dbt.unit_test_type(column)}) -%}
        {%- endfor -%}
    {%- else -%}
        {%- for column in model.columns.values() if column.data_type -%}
            {%- do types.update({column.name: column.data_type}) -%}
        {%- endfor -%}
        {%- if model.columns | length != types | length -%}
            {%- set types = {} -%}
        {%- endif -%}
        {%- if not types and model.resource_type == 'seed' -%}
            {%- for column in adapter.infer_seed(model) -%}
                {%- do types.update({column.name: column.type}) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
    {%- if not types -%}
        {%- do exceptions.raise_compiler_error(
            "Not able to get columns for unit test '" ~ model.name ~ "' from relation " ~ this
            ~ " because the relation doesn't exist: build it first (`--empty` will do), declare its columns"
            ~ " with a `data_type` each, or give the rows in `format: sql`"
        ) -%}
    {%- endif -%}
    {{ return(types) }}
{%- endmacro %}

{#- The type that a given value is cast to: texts are not cut to the size of their column. -#}
{% macro unit_test_type(column) -%}
    {{ return(adapter.dispatch('unit_test_type', 'dbt')(column)) }}
{%- endmacro %}

{% macro default__unit_test_type(column) -%}
    {{ return(column.data_type) }}
{%- endmacro %}
