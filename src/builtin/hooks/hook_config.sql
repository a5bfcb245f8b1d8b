{#- A hook as text, for where configuration takes only text. -#}
{% macro make_hook_config(sql, inside_transaction) -%}
    {{ return(tojson({'sql': sql, 'transaction': inside_transaction})) }}
{%- endmacro %}

{#- A pre-hook that runs before the transaction begins. -#}
{% macro before_begin(sql) -%}
    {{ return(make_hook_config(sql, inside_transaction=false)) }}
{%- endmacro %}

{#- A hook that runs inside the transaction. -#}
{% macro in_transaction(sql) -%}
    {{ return(make_hook_config(sql, inside_transaction=true)) }}
{%- endmacro %}

{#- A post-hook that runs after the transaction is committed. -#}
{% macro after_commit(sql) -%}
    {{ return(make_hook_config(sql, inside_transaction=false)) }}
{%- endmacro %}
