{#- See <https://spark.apache.org/docs/latest/api/sql/>. -#}
{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    timestampadd({{ datepart }}, {{ interval }}, {{ from_date_or_timestamp }})
{%- endmacro %}

{#- `timestampdiff` counts whole parts; truncated first, boundaries are counted. -#}
{% macro spark__datediff(first_date, second_date, datepart) -%}
    timestampdiff({{ datepart }}, date_trunc('{{ datepart }}', {{ first_date }}), date_trunc('{{ datepart }}', {{ second_date }}))
{%- endmacro %}

{% macro spark__date(year, month, day) -%}
    make_date({{ year }}, {{ month }}, {{ day }})
{%- endmacro %}

{% macro spark__current_timestamp() -%}
    current_timestamp()
{%- endmacro %}

{% macro spark__current_timestamp_in_utc_backcompat() -%}
    to_utc_timestamp(current_timestamp(), current_timezone())
{%- endmacro %}
