{% macro sum_of(columns) %}{{ return(columns | sort | join(' * ') ~ env_var('TEA_LEAF', '')) }}{% endmacro %}
