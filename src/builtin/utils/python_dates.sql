{#- Dates as the template knows them, not the warehouse. Formats are Python's. -#}

{% macro convert_datetime(date_str, date_fmt) -%}
    {{ return(modules.datetime.datetime.strptime(date_str, date_fmt)) }}
{%- endmacro %}

{#- The days from one to another, both included, as a list of texts. -#}
{% macro dates_in_range(start_date_str, end_date_str=none, in_fmt='%Y%m%d', out_fmt='%Y%m%d') -%}
    {%- set first = convert_datetime(start_date_str, in_fmt) -%}
    {%- set last = first if end_date_str is none else convert_datetime(end_date_str, in_fmt) -%}
    {%- set days = (last - first).days -%}
    {%- if days < 0 -%}
        {%- do exceptions.raise_compiler_error("a range of dates ends before it begins: " ~ start_date_str ~ " to " ~ end_date_str) -%}
    {%- endif -%}
    {%- set dates = [] -%}
    {%- for offset in range(days + 1) -%}
        {%- do dates.append((first + modules.datetime.timedelta(days=offset)).strftime(out_fmt)) -%}
    {%- endfor -%}
    {{ return(dates) }}
{%- endmacro %}

{#- The days of `20240101` or `20240101,20240131`. -#}
{% macro partition_range(raw_partition_date, date_fmt='%Y%m%d') -%}
    {%- set ends = (raw_partition_date | string).split(',') -%}
    {%- if ends | length > 2 -%}
        {%- do exceptions.raise_compiler_error("a range of dates has one date or two, with a comma, not `" ~ raw_partition_date ~ "`") -%}
    {%- endif -%}
    {{ return(dates_in_range(ends[0], ends[1] if ends | length == 2 else none, date_fmt)) }}
{%- endmacro %}

{% macro py_current_timestring() -%}
    {{ return(modules.datetime.datetime.now().strftime('%Y%m%d%H%M%S%f')) }}
{%- endmacro %}
