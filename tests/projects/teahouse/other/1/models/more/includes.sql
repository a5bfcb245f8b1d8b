{% set kinds = ['a', 'b'] %}
{% set when = context['언제'] %}
select {{ when() }} {% for kind in kinds %}, {{ kit.won(kind) }}{% endfor %}
from {{ ref(var('which', 'plan')) }} {{ leaf.sum_of(['a', 'b']) if leaf is defined }}
