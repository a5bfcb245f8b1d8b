{% snapshot user_history %}
{{ config(strategy='check', unique_key='id', check_cols=['name']) }}
select id, name from {{ ref('고객') }}
{% endsnapshot %}
