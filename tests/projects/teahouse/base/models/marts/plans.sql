select a.id from {{ ref(var('which', 'plan')) }} a join {{ ref('plan', v=1) }} b using (id)
