select 1 as id, 'pending' as 상태
