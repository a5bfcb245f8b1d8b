{{ config(materialized='table', tags=['other'], grants={'select': ['김']}) }}
select * from {{ ref('raw_orders') }} -- {{ env_var('TEA_NOTE', 'none') }}
