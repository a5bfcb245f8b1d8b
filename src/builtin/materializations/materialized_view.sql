{#- Makes the model a view whose rows the warehouse keeps. Only warehouses that have such
    views, or projects with macros of their own for them, can: the macros here say that there
    are none. What is done when the configuration of one that is there has changed is the
    config `on_configuration_change`. -#}
{% materialization materialized_view, default %}
    {%- set existing_relation = dbt.confirmed_relation(load_cached_relation(this)) -%}
    {%- set target_relation = this.incorporate(type='materialized_view') -%}
    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}

    {%- set build_sql = dbt.materialized_view_build_sql(existing_relation, target_relation) -%}
    {%- if build_sql | trim -%}
        {%- call statement('main') -%}
            {{ build_sql }}
        {%- endcall -%}
        {%- set anew = should_full_refresh() or existing_relation is none or existing_relation.type != target_relation.type -%}
        {%- do apply_grants(target_relation, config.get('grants'), should_revoke(existing_relation, full_refresh_mode=anew)) -%}
        {%- do persist_docs(target_relation, model) -%}
    {%- endif -%}

    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- A relation that the run knows of, or `none` where it is not there any more. -#}
{% macro confirmed_relation(relation) -%}
    {{ return(adapter.dispatch('confirmed_relation', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__confirmed_relation(relation) -%}
    {{ return(relation) }}
{%- endmacro %}

{#- The statements that bring one up to date; empty where nothing is to be done. -#}
{% macro materialized_view_build_sql(existing_relation, target_relation) -%}
    {%- if existing_relation is none -%}
        {{ return(get_create_materialized_view_as_sql(target_relation, sql)) }}
    {%- elif should_full_refresh() or existing_relation.type != target_relation.type -%}
        {%- do log('Applying REPLACE to: ' ~ target_relation) -%}
        {{ return(get_drop_sql(existing_relation) ~ '\n' ~ get_create_materialized_view_as_sql(target_relation, sql)) }}
    {%- endif -%}
    {%- set changes = get_materialized_view_configuration_changes(existing_relation, config) -%}
    {%- if not changes -%}
        {{ return(refresh_materialized_view(target_relation)) }}
    {%- endif -%}
    {%- set on_change = config.get('on_configuration_change') or 'apply' -%}
    {%- if on_change == 'apply' -%}
        {{ return(get_alter_materialized_view_as_sql(target_relation, changes, sql, existing_relation, none, none)) }}
    {%- elif on_change == 'continue' -%}
        {%- do exceptions.warn(
            "Configuration changes were identified and `on_configuration_change` was set to `continue` for `" ~ target_relation ~ "`"
        ) -%}
        {{ return('') }}
    {%- endif -%}
    {%- do exceptions.raise_compiler_error(
        "Configuration changes were identified and `on_configuration_change` was set to `fail` for `" ~ target_relation
        ~ "`: set it to `apply`, or run with `--full-refresh`"
    ) -%}
{%- endmacro %}

{% macro get_create_materialized_view_as_sql(relation, sql) -%}
    {{ return(adapter.dispatch('get_create_materialized_view_as_sql', 'dbt')(relation, sql)) }}
{%- endmacro %}

{% macro default__get_create_materialized_view_as_sql(relation, sql) -%}
    {%- do exceptions.raise_not_implemented(
        adapter.type() ~ " has no materialized views: `get_create_materialized_view_as_sql` has not been implemented for this adapter; use `view` or `table`"
    ) -%}
{%- endmacro %}

{% macro get_materialized_view_configuration_changes(existing_relation, new_config) -%}
    {{ return(adapter.dispatch('get_materialized_view_configuration_changes', 'dbt')(existing_relation, new_config)) }}
{%- endmacro %}

{% macro default__get_materialized_view_configuration_changes(existing_relation, new_config) -%}
    {%- do exceptions.raise_not_implemented(adapter.type() ~ " has no materialized views: use `view` or `table`") -%}
{%- endmacro %}

{% macro get_alter_materialized_view_as_sql(relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) -%}
    {{ return(adapter.dispatch('get_alter_materialized_view_as_sql', 'dbt')(
        relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation
    )) }}
{%- endmacro %}

{% macro default__get_alter_materialized_view_as_sql(relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) -%}
    {%- do exceptions.raise_not_implemented(adapter.type() ~ " has no materialized views: use `view` or `table`") -%}
{%- endmacro %}

{% macro refresh_materialized_view(relation) -%}
    {{ return(adapter.dispatch('refresh_materialized_view', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__refresh_materialized_view(relation) -%}
    {%- do exceptions.raise_not_implemented(adapter.type() ~ " has no materialized views: use `view` or `table`") -%}
{%- endmacro %}
