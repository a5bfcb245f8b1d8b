{% test not_empty(model) %}
{{ config(tags=['depth ' ~ var('depth', 1)]) }}
select 1 from (select count(*) as n from {{ model }}) where n < {{ var('depth', 1) }}
{% endtest %}
