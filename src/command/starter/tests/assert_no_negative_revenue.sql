-- A data test is a query for rows that should not be there.
select *
from {{ ref('daily_revenue') }}
where revenue < 0
