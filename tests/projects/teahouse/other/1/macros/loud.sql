{% macro 언제() -%}
    {% do exceptions.warn('언제 is here twice') %} date '1999-12-31'
{%- endmacro %}
