{#- What to do when the model's columns are no longer those of its table. -#}
{% macro incremental_validate_on_schema_change(on_schema_change, default='ignore') -%}
    {%- set known = ['ignore', 'fail', 'append_new_columns', 'sync_all_columns'] -%}
    {%- set wanted = default if on_schema_change is none else on_schema_change -%}
    {%- if wanted not in known -%}
        {%- do exceptions.raise_compiler_error(
            "`" ~ wanted ~ "` is no value of `on_schema_change`; there are `" ~ known | join('`, `') ~ "`"
        ) -%}
    {%- endif -%}
    {{ return(wanted) }}
{%- endmacro %}

{#- Does it, and returns the columns to be filled; of `ignore` an empty mapping. -#}
{% macro process_schema_changes(on_schema_change, source_relation, target_relation) -%}
    {%- if on_schema_change == 'ignore' -%}
        {{ return({}) }}
    {%- endif -%}
    {%- set changes = check_for_schema_changes(source_relation, target_relation) -%}
    {%- if changes['schema_changed'] -%}
        {%- if on_schema_change == 'fail' -%}
            {%- do exceptions.raise_compiler_error(dbt.schema_change_message(target_relation, changes)) -%}
        {%- endif -%}
        {%- do sync_column_schemas(on_schema_change, target_relation, changes) -%}
    {%- endif -%}
    {{ return(changes['source_columns']) }}
{%- endmacro %}

{% macro schema_change_message(relation, changes) -%}
    {%- set found = [] -%}
    {%- if changes['source_not_in_target'] -%}
        {%- do found.append('new: ' ~ changes['source_not_in_target'] | map(attribute='name') | join(', ')) -%}
    {%- endif -%}
    {%- if changes['target_not_in_source'] -%}
        {%- do found.append('gone: ' ~ changes['target_not_in_source'] | map(attribute='name') | join(', ')) -%}
    {%- endif -%}
    {%- for change in changes['new_target_types'] -%}
        {%- do found.append('now ' ~ change['new_type'] ~ ': ' ~ change['column_name']) -%}
    {%- endfor -%}
    {{ return("the columns of the model are no longer those of `" ~ relation ~ "` (" ~ found | join('; ')
        ~ "): build it with --full-refresh, or set `on_schema_change` to something other than `fail`") }}
{%- endmacro %}
