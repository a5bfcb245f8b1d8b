{#- Runs those hooks that belong inside, or outside, the transaction that builds the
    node. A hook is a mapping: `sql`, a template, and `transaction`. -#}
{% macro run_hooks(hooks, inside_transaction=true) -%}
    {%- for hook in hooks if hook.get('transaction', true) == inside_transaction -%}
        {%- set hook_sql = render(hook.get('sql')) | trim -%}
        {%- if hook_sql -%}
            {%- if not inside_transaction -%}
                {%- do adapter.commit() -%}
            {%- endif -%}
            {%- call statement(auto_begin=inside_transaction) -%}
                {{ hook_sql }}
            {%- endcall -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
