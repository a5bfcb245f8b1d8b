{% macro source(one, other) %}{{ return(builtins.source('app', 'events')) }}{% endmacro %}
