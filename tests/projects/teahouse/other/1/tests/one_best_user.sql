{{ config(enabled=var('tests_are_on', true)) }}
select * from {{ ref('plan', v=2) }} where {{ cents('id') }} > 1
