select 'one more of that name' as id
