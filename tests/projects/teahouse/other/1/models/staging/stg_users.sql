{{ config(**var('config_of_users', {'tags': ['none']})) }}
select id, name, null as at from {{ ref('고객') }}
