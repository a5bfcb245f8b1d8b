{{ config(enabled=target.name == 'prod') }}
select * from {{ ref('없다') }} join {{ source('app', '없다') }} using (id)
