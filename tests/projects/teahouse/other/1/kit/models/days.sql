{{ config(schema='날', materialized=var('days_are', 'table')) }}
select n from {{ ref('stg_orders') }}, {{ source('vendor', '물품') }}
