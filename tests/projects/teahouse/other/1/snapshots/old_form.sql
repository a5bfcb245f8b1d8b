{% snapshot user_history %}
{{ config(strategy='check', unique_key='id', check_cols='all', target_schema=var('past', 'past')) }}
select id from {{ ref('stg_users') }}
{% endsnapshot %}
{% snapshot 둘째 %}
{{ config(strategy='timestamp', unique_key='id', updated_at='at') }}
select * from {{ source('app', 'events') }} where at < {{ 언제() }}
{% endsnapshot %}
