{#- The key of a snapshot, one expression or a list, as columns of their own. -#}
{% macro unique_key_fields(unique_key) -%}
    {%- if dbt.is_key_list(unique_key) -%}
        {%- for key in unique_key %}
            {{ key }} as dbt_unique_key_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor -%}
    {%- else %}
            {{ unique_key }} as dbt_unique_key
    {%- endif -%}
{%- endmacro %}

{#- The condition that two relations are at the same key. -#}
{% macro unique_key_join_on(unique_key, identifier, from_identifier) -%}
    {%- if dbt.is_key_list(unique_key) -%}
        {%- for key in unique_key -%}
            {{ identifier }}.dbt_unique_key_{{ loop.index }} = {{ from_identifier }}.dbt_unique_key_{{ loop.index }}
            {{- ' and ' if not loop.last }}
        {%- endfor -%}
    {%- else -%}
        {{ identifier }}.dbt_unique_key = {{ from_identifier }}.dbt_unique_key
    {%- endif -%}
{%- endmacro %}

{#- The condition that an outer join has found nothing. -#}
{% macro unique_key_is_null(unique_key, identifier) -%}
    {{ identifier }}.{{ dbt.first_key_column(unique_key) }} is null
{%- endmacro %}

{#- The condition that it has found something. -#}
{% macro unique_key_is_not_null(unique_key, identifier) -%}
    {{ identifier }}.{{ dbt.first_key_column(unique_key) }} is not null
{%- endmacro %}

{% macro first_key_column(unique_key) -%}
    {{ return('dbt_unique_key_1' if dbt.is_key_list(unique_key) else 'dbt_unique_key') }}
{%- endmacro %}

{% macro is_key_list(unique_key) -%}
    {{ return(unique_key is iterable and unique_key is not string) }}
{%- endmacro %}
