{#- `merge` came with version 15. Without a key, all rows are new. -#}
{% macro postgres__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
    {%- if execute and run_query("select current_setting('server_version_num')::integer").rows[0][0] < 150000 -%}
        {%- do exceptions.raise_compiler_error(
            "the incremental strategy 'merge' needs PostgreSQL 15 or later: use `incremental_strategy: delete+insert`"
        ) -%}
    {%- endif -%}
    {{ return(default__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates)) }}
{%- endmacro %}

{#- With a key its rows are put in the place of the old ones, without one appended. -#}
{% macro postgres__get_incremental_default_sql(arg_dict) -%}
    {{ return(get_incremental_delete_insert_sql(arg_dict) if arg_dict['unique_key'] else get_incremental_append_sql(arg_dict)) }}
{%- endmacro %}
