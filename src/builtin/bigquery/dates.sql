{#- See <https://cloud.google.com/bigquery/docs/reference/standard-sql/datetime_functions>. -#}
{% macro bigquery__dateadd(datepart, interval, from_date_or_timestamp) -%}
    datetime_add(cast({{ from_date_or_timestamp }} as datetime), interval {{ interval }} {{ datepart }})
{%- endmacro %}

{#- Weeks begin on Monday, as everywhere else. -#}
{% macro bigquery__datediff(first_date, second_date, datepart) -%}
    datetime_diff(cast({{ second_date }} as datetime), cast({{ first_date }} as datetime), {{ 'isoweek' if datepart | lower == 'week' else datepart }})
{%- endmacro %}

{% macro bigquery__date_trunc(datepart, date) -%}
    timestamp_trunc(cast({{ date }} as timestamp), {{ datepart }})
{%- endmacro %}

{% macro bigquery__last_day(date, datepart) -%}
    last_day(cast({{ date }} as date), {{ datepart }})
{%- endmacro %}

{% macro bigquery__date(year, month, day) -%}
    date({{ year }}, {{ month }}, {{ day }})
{%- endmacro %}

{% macro bigquery__current_timestamp() -%}
    current_timestamp()
{%- endmacro %}

{% macro bigquery__current_timestamp_in_utc_backcompat() -%}
    {{ return(bigquery__current_timestamp()) }}
{%- endmacro %}
