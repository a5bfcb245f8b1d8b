{#- Writes descriptions to the warehouse, as the config `persist_docs` asks for. -#}
{% macro persist_docs(relation, model, for_relation=true, for_columns=true) -%}
    {{ return(adapter.dispatch('persist_docs', 'dbt')(relation, model, for_relation, for_columns)) }}
{%- endmacro %}

{% macro default__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- if for_relation and config.persist_relation_docs() and model.description -%}
        {%- do run_query(alter_relation_comment(relation, model.description)) -%}
    {%- endif -%}
    {%- if for_columns and config.persist_column_docs() and model.columns -%}
        {%- set there = dbt.described_columns(relation, model.columns) -%}
        {%- set comment_sql = alter_column_comment(relation, there) if there else '' -%}
        {%- if comment_sql | trim -%}
            {%- do run_query(comment_sql) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Of the columns that are described, those that the relation has, by the names it has for
    them. A column with `quote` must have the very name. A warning tells of the others. -#}
{% macro described_columns(relation, column_dict) -%}
    {%- set exact = {} -%}
    {%- set folded = {} -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- do exact.update({column.name: column.name}) -%}
        {%- do folded.update({column.name | lower: column.name}) -%}
    {%- endfor -%}
    {%- set there = {} -%}
    {%- set missing = [] -%}
    {%- for name in column_dict -%}
        {%- set found = exact.get(name) or (none if column_dict[name].quote else folded.get(name | lower)) -%}
        {%- if found -%}
            {%- do there.update({found: column_dict[name]}) -%}
        {%- else -%}
            {%- do missing.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if missing -%}
        {%- do exceptions.warn('In relation ' ~ relation.render() ~ ': The following columns are specified in the schema but are not present in the database: ' ~ missing | join(', ')) -%}
    {%- endif -%}
    {{ return(there) }}
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

{#- `column_dict` has only columns that are there. -#}
{% macro default__alter_column_comment(relation, column_dict) -%}
    {%- for name in column_dict if column_dict[name].description -%}
comment on column {{ relation }}.{{ adapter.quote(name) }} is {{ string_literal(escape_single_quotes(column_dict[name].description)) }};
    {% endfor -%}
{%- endmacro %}
