{#- Whether the node is to be built anew: its config `full_refresh`, else the flag. A batch that
    comes after another of the same run never is. -#}
{% macro should_full_refresh() -%}
    {%- if context.get('__xform_later_batch') -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set configured = config.get('full_refresh') -%}
    {{ return(flags.FULL_REFRESH if configured is none else configured) }}
{%- endmacro %}

{#- Whether this run adds to a table that an earlier run has made. -#}
{% macro is_incremental() -%}
    {%- if not execute or model.config.materialized != 'incremental' or should_full_refresh() -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set existing = load_cached_relation(this) -%}
    {{ return(existing is not none and existing.type == 'table') }}
{%- endmacro %}
