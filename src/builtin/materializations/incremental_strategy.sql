{#- The macro that writes a strategy's statements: `get_incremental_<strategy>_sql`, of the
    project or ours, or of the package that the strategy names: `package.strategy`. It takes one
    mapping: `target_relation`, `temp_relation`, `unique_key`, `dest_columns`,
    `incremental_predicates`. -#}
{% macro get_incremental_strategy_macro(strategy) -%}
    {%- set valid = adapter.valid_incremental_strategies() -%}
    {%- set built_in = ['append', 'delete+insert', 'merge', 'insert_overwrite', 'microbatch'] -%}
    {%- set parts = (strategy | replace('+', '_')).split('.') -%}
    {%- set macro_name = 'get_incremental_' ~ parts[-1] ~ '_sql' -%}
    {%- set place = context.get(parts[0], {}) if parts | length == 2 else context -%}
    {%- set found = place.get(macro_name) -%}
    {%- if found is none or (strategy in built_in and strategy not in valid) -%}
        {%- do exceptions.raise_compiler_error(
            ('' if found else 'dbt could not find an incremental strategy macro with the name "' ~ macro_name ~ '": ') ~ "`" ~ strategy ~ "` is not an incremental strategy of " ~ adapter.type() ~ "; there are `" ~ valid | join('`, `')
            ~ "`, or write a macro `" ~ macro_name ~ "`"
        ) -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}

{% macro get_incremental_default_sql(arg_dict) -%}
    {{ return(adapter.dispatch('get_incremental_default_sql', 'dbt')(arg_dict)) }}
{%- endmacro %}

{% macro default__get_incremental_default_sql(arg_dict) -%}
    {{ return(get_incremental_append_sql(arg_dict)) }}
{%- endmacro %}

{% macro get_incremental_append_sql(arg_dict) -%}
    {{ return(adapter.dispatch('get_incremental_append_sql', 'dbt')(arg_dict)) }}
{%- endmacro %}

{% macro default__get_incremental_append_sql(arg_dict) -%}
    {{ return(get_insert_into_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['dest_columns'])) }}
{%- endmacro %}
