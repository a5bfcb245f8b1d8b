{% macro ref() %}
{% do return(builtins.ref(*varargs, **kwargs)) %}
{% endmacro %}
