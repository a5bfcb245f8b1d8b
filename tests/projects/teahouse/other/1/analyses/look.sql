{{ config(enabled=false) }}
select * from {{ ref('plan', v=1) }}
