{{ config(materialized='incremental', unique_key='day') }}
select ordered_on as day, sum(amount) as amount from {{ parent_of('stg_orders') }}
{% if is_incremental() %} where ordered_on > (select max(day) from {{ this }}) {% endif %}
group by 1
