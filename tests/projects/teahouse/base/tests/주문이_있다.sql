select 1 from {{ ref('stg_orders') }} where ordered_on < {{ 언제() }}
