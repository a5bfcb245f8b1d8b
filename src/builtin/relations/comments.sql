{#- Writes descriptions to the warehouse, as the config `persist_docs` asks for. -#}
{% macro persist_docs(relation, model, for_relation=true, for_columns=true) -%}
    {{ return(adapter.dispatch('persist_docs', 'dbt')(relation, model, for_relation, for_columns)) }}
{%- endmacro %}

{% macro default__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- if for_relation and config.persist_relation_docs() and model.description -%}
        {%- do run_query(alter_relation_comment(relation, model.description)) -%}
    {%- endif -%}
    {%- if for_columns and config.persist_column_docs() and model.columns -%}
        {%- set comment_sql = alter_column_comment(relation, model.columns) -%}
        {%- if comment_sql | trim -%}
            {%- do run_query(comment_sql) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro alter_relation_comment(relation, relation_comment) -%}
    {{ return(adapter.dispatch('alter_relation_comment', 'dbt')(relation, relation_comment)) }}
{%- endmacro %}

{% macro default__alter_relation_comment(relation, relation_comment) -%}
comment on {{ relation.type }} {{ relation }} is {{ string_literal(escape_single_quotes(relation_comment)) }};
{%- endmacro %}

{% macro alter_column_comment(relation, column_dict) -%}
    {{ return(adapter.dispatch('alter_column_comment', 'dbt')(relation, column_dict)) }}
{%- endmacro %}

{#- Columns that are described but not there are passed over. -#}
{% macro default__alter_column_comment(relation, column_dict) -%}
    {%- set described = {} -%}
    {%- for name in column_dict -%}
        {%- do described.update({name | lower: column_dict[name].description}) -%}
    {%- endfor -%}
    {%- for column in get_column_schema_from_query('select * from ' ~ relation) if described.get(column.name | lower) -%}
comment on column {{ relation }}.{{ adapter.quote(column.name) }} is {{ string_literal(escape_single_quotes(described[column.name | lower])) }};
    {% endfor -%}
{%- endmacro %}
