{{ config(severity='error', meta={'asked by': '영업'}) }}
select count(*) as n from {{ ref('best_users') }} having count(*) != 1
