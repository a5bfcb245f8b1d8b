{{ config(meta={'owner': '분석팀'}, post_hook="select 1") }}
{% set users = ref('stg_users') %}
select o.*, d.n as days
from {{ ref('user_orders') }} as o
cross join {{ ref('kit', 'days') }} as d
join {{ users }} as u on u.id = o.user_id
where o.n > {{ var('least', 1) }}
