select id, {{ cents('금액') }}, {{ kit.won('b') from {{ ref('raw_orders') }}
