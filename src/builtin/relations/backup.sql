{#- The statements that put a relation aside under its backup name. -#}
{% macro get_create_backup_sql(relation) -%}
    {{ return(adapter.dispatch('get_create_backup_sql', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__get_create_backup_sql(relation) -%}
    {%- set aside = make_backup_relation(relation, relation.type) -%}
{{ get_drop_sql(aside) }}
{{ get_rename_sql(relation, aside.identifier) }}
{%- endmacro %}

{#- The statement that drops what was put aside. -#}
{% macro get_drop_backup_sql(relation) -%}
    {{ return(adapter.dispatch('get_drop_backup_sql', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__get_drop_backup_sql(relation) -%}
    {{ return(get_drop_sql(make_backup_relation(relation, relation.type))) }}
{%- endmacro %}
