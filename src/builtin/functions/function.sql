{#- Makes a user-defined function of the warehouse. A macro `<type>_function_<language>`
    writes the statement: `scalar_function_sql` and `aggregate_function_sql` are here. In one
    transaction, hooks included. -#}
{% materialization function, default %}
    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}

    {%- set function_sql = adapter.dispatch(config.get('type') ~ '_function_' ~ model.language, 'dbt') -%}
    {%- call statement('main') -%}
        {{ function_sql(this) }}
    {%- endcall -%}

    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}

    {{ return({'relations': []}) }}
{% endmaterialization %}

{% macro scalar_function_sql(target_relation) -%}
    {{ return(adapter.dispatch('scalar_function_sql', 'dbt')(target_relation)) }}
{%- endmacro %}

{#- The statement for an expression over the arguments. -#}
{% macro default__scalar_function_sql(target_relation) -%}
create or replace function {{ target_relation.render() }} ({{ formatted_scalar_function_args_sql() }})
returns {{ model.returns.data_type }}
as $$
{{ model.compiled_code }}
$$ language sql
{%- endmacro %}

{#- The arguments as the statement declares them. -#}
{% macro formatted_scalar_function_args_sql() -%}
    {{ return(adapter.dispatch('formatted_scalar_function_args_sql', 'dbt')()) }}
{%- endmacro %}

{% macro default__formatted_scalar_function_args_sql() -%}
    {%- for argument in model.arguments -%}
        {{ argument.name }} {{ argument.data_type }}
        {{- (' default ' ~ argument.default_value) if argument.default_value is not none }}
        {{- ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
