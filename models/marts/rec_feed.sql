with scores as (

    select
        user_id,
        product_id,
        round(sum(score), 4) as score,
        count(*) as interactions,
        list(distinct interaction order by interaction) as kinds,
        max(occurred_at) as last_at
    from {{ ref('rec_interactions') }}
    group by user_id, product_id

)

select
    scores.user_id,
    customers.user_name,
    row_number() over (partition by scores.user_id order by scores.score desc, scores.product_id) as place,
    scores.product_id,
    products.product_name,
    products.category,
    scores.score,
    scores.interactions,
    scores.kinds,
    scores.last_at
from scores
join {{ ref('int_customers') }} as customers on customers.user_id = scores.user_id
join {{ ref('stg_products') }} as products on products.product_id = scores.product_id
qualify place <= {{ var('feed_length') }}
order by scores.user_id, place
