{# A value, where there is one, is not below `low` nor above `high`; either may be left out. #}
{% test between(model, column_name, low=none, high=none) %}

select {{ column_name }}
from {{ model }}
where {{ column_name }} is not null
  and not (
      true
      {%- if low is not none %} and {{ column_name }} >= {{ low }}{% endif %}
      {%- if high is not none %} and {{ column_name }} <= {{ high }}{% endif %}
  )

{% endtest %}
