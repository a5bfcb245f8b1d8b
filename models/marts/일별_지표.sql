{{ config(materialized='view') }}

select
    day as 날짜,
    daily_active_users as 활성_사용자,
    new_users as 신규_가입자,
    retention_d1 as "재방문율 D1",
    retention_d7 as "재방문율 D7",
    orders as 주문,
    revenue as 매출
from {{ ref('daily_kpis') }}
