{#- Contracts on Postgres are held against the kinds of values that the server's driver tells
    apart, as dbt-postgres does: `varchar` and `text` are both TEXT, `int2` and `int4` INTEGER.
    See <https://docs.getdbt.com/reference/resource-configs/contract#differences-in-data-types>. -#}
{% macro postgres__format_column(column) -%}
    {%- set kind = dbt.postgres_kind(column.dtype | lower) -%}
    {{ return({'name': column.name, 'data_type': kind, 'formatted': column.name ~ ' ' ~ kind}) }}
{%- endmacro %}

{% macro postgres_kind(dtype) -%}
    {%- if dtype.endswith('[]') -%}
        {%- set element = dbt.postgres_kind(dtype[:-2]) -%}
        {{ return(('STRING' if element == 'TEXT' else element) ~ 'ARRAY') }}
    {%- endif -%}
    {%- set bare = modules.re.sub('\\s*\\([^)]*\\)', '', dtype) -%}
    {{ return({
        'text': 'TEXT',
        'character varying': 'TEXT',
        'character': 'TEXT',
        'bpchar': 'TEXT',
        '"char"': 'TEXT',
        'name': 'TEXT',
        'smallint': 'INTEGER',
        'integer': 'INTEGER',
        'bigint': 'LONGINTEGER',
        'real': 'FLOAT',
        'double precision': 'FLOAT',
        'numeric': 'DECIMAL',
        'timestamp without time zone': 'DATETIME',
        'timestamp with time zone': 'DATETIMETZ',
        'time without time zone': 'TIME',
        'time with time zone': 'TIME',
        'bytea': 'BINARY'
    }.get(bare, bare | upper)) }}
{%- endmacro %}
