select count(*) as n from {{ ref('best_users') }} having count(*) != 1
