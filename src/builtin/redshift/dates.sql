{#- Redshift has functions that Postgres has not, and not all of Postgres':
    <https://docs.aws.amazon.com/redshift/latest/dg/Date_functions_header.html>. -#}
{% macro redshift__dateadd(datepart, interval, from_date_or_timestamp) -%}
    {{ return(default__dateadd(datepart, interval, from_date_or_timestamp)) }}
{%- endmacro %}

{% macro redshift__datediff(first_date, second_date, datepart) -%}
    {{ return(default__datediff(first_date, second_date, datepart)) }}
{%- endmacro %}

{% macro redshift__date(year, month, day) -%}
    {{ return(default__date(year, month, day)) }}
{%- endmacro %}

{% macro redshift__current_timestamp() -%}
    getdate()
{%- endmacro %}

{% macro redshift__current_timestamp_in_utc_backcompat() -%}
    {{ return(redshift__current_timestamp()) }}
{%- endmacro %}
