{{ config(tags=['leaf'], enabled=var('depth', 1) > 1) }}
select {{ 언제() }} as n
