{% snapshot user_history %}
select id from {{ ref('stg_users') }}
