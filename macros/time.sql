{# A time in UTC from microseconds since 1970. #}
{% macro from_micros(column) -%}
    {{ return(adapter.dispatch('from_micros', 'jangteo')(column)) }}
{%- endmacro %}

{% macro default__from_micros(column) -%}
    make_timestamp({{ column }})
{%- endmacro %}

{% macro postgres__from_micros(column) -%}
    (timestamp '1970-01-01' + {{ column }} * interval '1 microsecond')
{%- endmacro %}

{# A row for each day from one to another. #}
{% macro each_day(first, last) -%}
    {{ return(adapter.dispatch('each_day', 'jangteo')(first, last)) }}
{%- endmacro %}

{% macro default__each_day(first, last) -%}
    unnest(generate_series({{ first }}, {{ last }}, interval '1 day'))
{%- endmacro %}

{% macro postgres__each_day(first, last) -%}
    generate_series({{ first }}, {{ last }}, interval '1 day')
{%- endmacro %}
