{#
  One parameter of a Firebase event, whose parameters are a list of keys and typed values.

  name: the parameter's key
  type: string, int or double, as Firebase kept it
#}
{% macro event_param(name, type='string') %}
    {%- if type not in ['string', 'int', 'double'] -%}
        {%- do exceptions.raise_compiler_error("event_param: unknown type '" ~ type ~ "'") -%}
    {%- endif -%}
    {{- return(adapter.dispatch('event_param', 'jangteo')(name, type)) -}}
{% endmacro %}

{% macro default__event_param(name, type) -%}
    (select p.value.{{ type }}_value from unnest(event_params) as p where p.key = '{{ name }}')
{%- endmacro %}

{# Integers are text in the export, hence the cast. #}
{% macro duckdb__event_param(name, type) -%}
    {%- set types = {'string': 'varchar', 'int': 'bigint', 'double': 'double'} -%}
    cast(list_filter(event_params, lambda p: p.key = '{{ name }}')[1].value.{{ type }}_value as {{ types[type] }})
{%- endmacro %}

{# There the list is JSON. #}
{% macro postgres__event_param(name, type) -%}
    {%- set types = {'string': 'text', 'int': 'bigint', 'double': 'double precision'} -%}
    cast((
        select p -> 'value' ->> '{{ type }}_value'
        from json_array_elements(event_params) as p
        where p ->> 'key' = '{{ name }}'
        limit 1
    ) as {{ types[type] }})
{%- endmacro %}
