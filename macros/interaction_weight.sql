{# The weight of an interaction, from the variable `interaction_weights`. #}
{% macro interaction_weight(column) -%}
    case {{ column }}
    {%- for interaction, weight in var('interaction_weights').items() %}
        when '{{ interaction }}' then {{ weight }}
    {%- endfor %}
    end
{%- endmacro %}
