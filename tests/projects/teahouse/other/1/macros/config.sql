{% macro var(name, default=none) %}{{ return(builtins.var(name, default)) }}{% endmacro %}
