{#- See <https://www.postgresql.org/docs/current/functions-datetime.html>. An interval has no
    quarters. -#}
{% macro postgres__dateadd(datepart, interval, from_date_or_timestamp) -%}
    {%- set unit = '3 month' if datepart | lower == 'quarter' else '1 ' ~ datepart -%}
    {{ from_date_or_timestamp }} + ((interval '{{ unit }}') * ({{ interval }}))
{%- endmacro %}

{#- Boundaries are counted, each part with the help of the next larger one. -#}
{% macro postgres__datediff(first_date, second_date, datepart) -%}
    {%- set part = datepart | lower -%}
    {%- set first = '(' ~ first_date ~ ')::timestamp' -%}
    {%- set second = '(' ~ second_date ~ ')::timestamp' -%}
    {%- set larger = {
        'quarter': ('year', 4),
        'month': ('year', 12),
        'hour': ('day', 24),
        'minute': ('hour', 60),
        'second': ('minute', 60)
    } -%}
    {%- if part == 'year' -%}
        (date_part('year', {{ second }}) - date_part('year', {{ first }}))
    {%- elif part == 'week' -%}
        ((date_trunc('week', {{ second }})::date - date_trunc('week', {{ first }})::date) / 7)
    {%- elif part == 'day' -%}
        (({{ second_date }})::date - ({{ first_date }})::date)
    {%- elif part in larger -%}
        ({{ datediff(first_date, second_date, larger[part][0]) }} * {{ larger[part][1] }} + floor(date_part('{{ part }}', {{ second }}))::bigint - floor(date_part('{{ part }}', {{ first }}))::bigint)
    {%- elif part == 'millisecond' -%}
        (floor(extract(epoch from {{ second }}) * 1000)::bigint - floor(extract(epoch from {{ first }}) * 1000)::bigint)
    {%- elif part == 'microsecond' -%}
        (floor(extract(epoch from {{ second }}) * 1000000)::bigint - floor(extract(epoch from {{ first }}) * 1000000)::bigint)
    {%- else -%}
        {%- do exceptions.raise_compiler_error("`datediff` does not know the part `" ~ datepart ~ "` on postgres") -%}
    {%- endif -%}
{%- endmacro %}

{% macro postgres__date(year, month, day) -%}
    make_date({{ year }}, {{ month }}, {{ day }})
{%- endmacro %}

{% macro postgres__current_timestamp() -%}
    now()
{%- endmacro %}

{% macro postgres__current_timestamp_backcompat() -%}
    current_timestamp::{{ type_timestamp() }}
{%- endmacro %}

{% macro postgres__current_timestamp_in_utc_backcompat() -%}
    (current_timestamp at time zone 'utc')::{{ type_timestamp() }}
{%- endmacro %}
