{{ config(deprecation_date='2020-01-01') }}
select 1 as id from {{ ref('plan', v=1) }}
