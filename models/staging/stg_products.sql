select
    product_id,
    name as product_name,
    category_code,
    case category_code
        when '01' then '과일·채소'
        when '02' then '양념'
        when '03' then '생활'
    end as category,
    price
from {{ ref('raw_products') }}
