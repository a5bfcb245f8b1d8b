{#- The statements that put a query in the place of a relation that is there. -#}
{% macro get_replace_sql(existing_relation, target_relation, sql) -%}
    {{ return(adapter.dispatch('get_replace_sql', 'dbt')(existing_relation, target_relation, sql)) }}
{%- endmacro %}

{% macro default__get_replace_sql(existing_relation, target_relation, sql) -%}
    {%- set create_sql = get_create_sql(target_relation, sql) -%}
    {%- if not dbt.is_replaced_by(existing_relation, target_relation, create_sql) -%}
{{ get_drop_sql(existing_relation) }}
    {% endif -%}
{{ create_sql }}
{%- endmacro %}

{#- Whether a statement that creates also does away with what has the name now. -#}
{% macro is_replaced_by(existing_relation, target_relation, create_sql) -%}
    {{ return(existing_relation.type == target_relation.type and 'or replace' in create_sql | lower) }}
{%- endmacro %}

{#- In the transaction that has built a relation beside another: gives it the other's place
    and name. -#}
{% macro take_place(existing_relation, beside, target_relation) -%}
    {%- if existing_relation is not none -%}
        {%- call statement('make_way') -%}
            {{ get_drop_sql(existing_relation) }}
        {%- endcall -%}
    {%- endif -%}
    {%- call statement('take_place') -%}
        {{ get_rename_sql(beside, target_relation.identifier) }}
    {%- endcall -%}
{%- endmacro %}

{#- In the transaction that is to build `target_relation`: drops what is in its way. -#}
{% macro make_way(existing_relation, target_relation, create_sql) -%}
    {%- if existing_relation is not none and not dbt.is_replaced_by(existing_relation, target_relation, create_sql) -%}
        {%- do dbt.release_dependents(existing_relation) -%}
        {%- call statement('make_way') -%}
            {{ get_drop_sql(existing_relation) }}
        {%- endcall -%}
    {%- endif -%}
{%- endmacro %}
