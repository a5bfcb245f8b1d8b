{#- The statement that gives a relation another name in its schema. -#}
{% macro get_rename_sql(relation, new_name) -%}
    {{ return(adapter.dispatch('get_rename_sql', 'dbt')(relation, new_name)) }}
{%- endmacro %}

{% macro default__get_rename_sql(relation, new_name) -%}
    {%- if relation.is_materialized_view -%}
        {{ return(get_rename_materialized_view_sql(relation, new_name)) }}
    {%- endif -%}
    {{ return(get_rename_view_sql(relation, new_name) if relation.is_view else get_rename_table_sql(relation, new_name)) }}
{%- endmacro %}

{% macro get_rename_table_sql(relation, new_name) -%}
    {{ return(adapter.dispatch('get_rename_table_sql', 'dbt')(relation, new_name)) }}
{%- endmacro %}

{% macro default__get_rename_table_sql(relation, new_name) -%}
alter table {{ relation }} rename to {{ adapter.quote(new_name) }};
{%- endmacro %}

{% macro get_rename_view_sql(relation, new_name) -%}
    {{ return(adapter.dispatch('get_rename_view_sql', 'dbt')(relation, new_name)) }}
{%- endmacro %}

{% macro default__get_rename_view_sql(relation, new_name) -%}
alter view {{ relation }} rename to {{ adapter.quote(new_name) }};
{%- endmacro %}

{% macro get_rename_materialized_view_sql(relation, new_name) -%}
    {{ return(adapter.dispatch('get_rename_materialized_view_sql', 'dbt')(relation, new_name)) }}
{%- endmacro %}

{% macro default__get_rename_materialized_view_sql(relation, new_name) -%}
alter materialized view {{ relation }} rename to {{ adapter.quote(new_name) }};
{%- endmacro %}

{#- Renames a relation; `adapter.rename_relation` calls this. -#}
{% macro rename_relation(from_relation, to_relation) -%}
    {{ return(adapter.dispatch('rename_relation', 'dbt')(from_relation, to_relation)) }}
{%- endmacro %}

{% macro default__rename_relation(from_relation, to_relation) -%}
    {%- call statement('rename_relation', auto_begin=false) -%}
        {{ get_rename_sql(from_relation, to_relation.identifier) }}
    {%- endcall -%}
{%- endmacro %}

{#- The statement that gives what was built beside its own name. -#}
{% macro get_rename_intermediate_sql(relation) -%}
    {{ return(adapter.dispatch('get_rename_intermediate_sql', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__get_rename_intermediate_sql(relation) -%}
    {{ return(get_rename_sql(make_intermediate_relation(relation), relation.identifier)) }}
{%- endmacro %}
