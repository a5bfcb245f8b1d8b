-- Counted by hand; the data ends on 10 March, and what is a week old counts half.
-- 1004 bought product 2 five days before:           6 × ½^(5/7) = 3.6570
-- 1009 asked for and bought product 8 three days before and looked at it on the last day:
--                                        (4 + 6) × ½^(3/7) + 1 = 8.4300
-- 1012 bought product 4 and looked at it twice the day before: 8 × ½^(1/7) = 7.2458
with expected (user_id, product_id, score) as (

    values (1004, 2, 3.6570), (1009, 8, 8.4300), (1012, 4, 7.2458)

)

select expected.*, feed.product_id as found, feed.score as found_score
from expected
left join {{ ref('rec_feed') }} as feed on feed.user_id = expected.user_id and feed.place = 1
where feed.product_id is distinct from expected.product_id
   or abs(feed.score - expected.score) > 0.0001
