{#- Gives the rights that the config `grants` names. -#}
{% macro apply_grants(relation, grant_config, should_revoke=true) -%}
    {{ return(adapter.dispatch('apply_grants', 'dbt')(relation, grant_config, should_revoke)) }}
{%- endmacro %}

{% macro default__apply_grants(relation, grant_config, should_revoke=true) -%}
    {%- if grant_config -%}
        {%- do exceptions.warn("`grants` of `" ~ relation ~ "` are not applied: they are not supported on " ~ adapter.type()) -%}
    {%- endif -%}
{%- endmacro %}

{#- Whether a relation that is replaced keeps the rights on it. -#}
{% macro copy_grants() -%}
    {{ return(adapter.dispatch('copy_grants', 'dbt')()) }}
{%- endmacro %}

{% macro default__copy_grants() -%}
    {{ return(true) }}
{%- endmacro %}

{#- Whether rights from earlier runs may be there to be taken back. -#}
{% macro should_revoke(existing_relation, full_refresh_mode=true) -%}
    {%- if existing_relation is none -%}
        {{ return(false) }}
    {%- endif -%}
    {{ return(copy_grants() if full_refresh_mode else true) }}
{%- endmacro %}
