{#- DuckDB's indexes are of one kind; each is named after its table and columns. -#}
{% macro duckdb__get_create_index_sql(relation, index_dict) -%}
    {%- set columns = dbt.as_list(index_dict.columns) -%}
    {%- if not columns -%}
        {%- do exceptions.raise_compiler_error("an index of `" ~ relation ~ "` needs `columns`, a list of names") -%}
    {%- endif -%}
    {%- set name = '__dbt_index_' ~ local_md5(relation.identifier ~ columns | join(',') ~ (index_dict.unique or false) ~ (index_dict.position or '')) -%}
create {{ 'unique ' if index_dict.unique }}index {{ adapter.quote(name) }} on {{ relation }} ({{ get_quoted_csv(columns) }})
{%- endmacro %}
