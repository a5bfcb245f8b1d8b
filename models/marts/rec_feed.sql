with scores as (

    select
        user_id,
        product_id,
        round(cast(sum(score) as decimal(18, 8)), 4) as score,
        count(*) as interactions,
        array_agg(distinct interaction order by interaction) as kinds,
        max(occurred_at) as last_at
    from {{ ref('rec_interactions') }}
    group by user_id, product_id

),

placed as (

    select
        *,
        row_number() over (partition by user_id order by score desc, product_id) as place
    from scores

)

select
    placed.user_id,
    customers.user_name,
    placed.place,
    placed.product_id,
    products.product_name,
    products.category,
    placed.score,
    placed.interactions,
    placed.kinds,
    placed.last_at
from placed
join {{ ref('int_customers') }} as customers on customers.user_id = placed.user_id
join {{ ref('stg_products') }} as products on products.product_id = placed.product_id
where placed.place <= {{ var('feed_length') }}
order by placed.user_id, placed.place
