select * from {{ ref('teahouse', 'stg_orders') }} where {{ var('least', 1) }} = 1
