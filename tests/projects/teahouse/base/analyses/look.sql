select * from {{ ref('best_users') }} where n > {{ var('least', 3) }}
