{{ config(alias='users_' ~ target.name, tags=['people']) }}
select u.id, u.name, e.at from {{ ref('고객') }} u left join {{ source('app', 'events') }} e on e.id = u.id
