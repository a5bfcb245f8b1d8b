{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='event_id',
    on_schema_change='append_new_columns',
) }}

select *
from {{ ref('int_events') }}
{% if is_incremental() -%}
-- Phones send late: the last three days are read again, and replace what is there.
where occurred_at > (select max(occurred_at) - interval '3 days' from {{ this }})
{%- endif %}
