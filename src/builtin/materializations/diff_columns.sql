{#- The columns of one list whose names are not in another, whatever their case. -#}
{% macro diff_columns(source_columns, target_columns) -%}
    {%- set known = target_columns | map(attribute='name') | map('lower') | list -%}
    {%- set missing = [] -%}
    {%- for column in source_columns if column.name | lower not in known -%}
        {%- do missing.append(column) -%}
    {%- endfor -%}
    {{ return(missing) }}
{%- endmacro %}

{#- The columns that are in both with different types: `column_name` as the target has it
    and `new_type`, the source's. -#}
{% macro diff_column_data_types(source_columns, target_columns) -%}
    {%- set types = {} -%}
    {%- for column in source_columns -%}
        {%- do types.update({column.name | lower: column.data_type}) -%}
    {%- endfor -%}
    {%- set changed = [] -%}
    {%- for column in target_columns if types.get(column.name | lower, column.data_type) != column.data_type -%}
        {%- do changed.append({'column_name': column.name, 'new_type': types[column.name | lower]}) -%}
    {%- endfor -%}
    {{ return(changed) }}
{%- endmacro %}
