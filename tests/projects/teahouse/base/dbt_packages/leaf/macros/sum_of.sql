{% macro sum_of(columns) %}{{ return(columns | join(' + ')) }}{% endmacro %}
