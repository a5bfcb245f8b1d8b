{% macro 언제() %}date '2000-01-01'{% endmacro %}
