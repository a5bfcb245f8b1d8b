select * from {{ ref('best_users') }}
