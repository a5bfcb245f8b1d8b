{#- The config `indexes`: a list of `columns`, and `unique` and `type` where they are wanted.
    See <https://docs.getdbt.com/reference/resource-configs/postgres-configs#indexes>. Names tell
    runs apart: a table is indexed while the one that it replaces is still there. -#}
{% macro postgres__get_create_index_sql(relation, index_dict) -%}
    {%- do dbt.check_index(relation, index_dict) -%}
    {%- set columns = dbt.as_list(index_dict.columns) | join(', ') -%}
    {%- set name = '__dbt_index_' ~ local_md5(
        relation.identifier ~ columns ~ (index_dict.unique or false) ~ (index_dict.type or '') ~ (index_dict.position or '') ~ invocation_id
    ) -%}
create {{ 'unique ' if index_dict.unique }}index if not exists {{ adapter.quote(name) }} on {{ relation }} {{ 'using ' ~ index_dict.type ~ ' ' if index_dict.type }}({{ columns }})
{%- endmacro %}

{% macro check_index(relation, index_dict) -%}
    {%- if not dbt.as_list(index_dict.columns) -%}
        {%- do exceptions.raise_compiler_error("an index of `" ~ relation ~ "` needs `columns`, a list of names") -%}
    {%- endif -%}
    {%- for key in index_dict if key not in ['columns', 'unique', 'type', 'position'] -%}
        {%- do exceptions.raise_compiler_error(
            "an index of `" ~ relation ~ "` has no key `" ~ key ~ "`: there are `columns`, `unique` and `type`"
        ) -%}
    {%- endfor -%}
{%- endmacro %}

{% macro postgres__get_show_indexes_sql(relation) -%}
    select
        i.relname::text as name,
        m.amname::text as method,
        x.indisunique as "unique",
        (
            select string_agg(pg_catalog.pg_get_indexdef(x.indexrelid, part::integer, true), ',' order by part)
            from generate_series(1, x.indnkeyatts) as part
        ) as column_names
    from pg_catalog.pg_index as x
    join pg_catalog.pg_class as i on i.oid = x.indexrelid
    join pg_catalog.pg_am as m on m.oid = i.relam
    where x.indrelid = to_regclass({{ string_literal(escape_single_quotes(relation.include(database=false) | string)) }})
        and not x.indisprimary
    order by i.relname
{%- endmacro %}

{% macro postgres__get_drop_index_sql(relation, index_name) -%}
drop index if exists {{ adapter.quote(relation.schema) }}.{{ adapter.quote(index_name) }} cascade
{%- endmacro %}

{#- The indexes of a relation as mappings of `name`, `columns` (in order, in small letters and
    without quotes), `unique` and `type`. -#}
{% macro postgres__describe_indexes(relation) -%}
    {%- call statement('describe_indexes', fetch_result=true, auto_begin=false) -%}
        {{ get_show_indexes_sql(relation) }}
    {%- endcall -%}
    {%- set found = [] -%}
    {%- for row in load_result('describe_indexes').table.rows -%}
        {%- do found.append({
            'name': row[0], 'type': row[1], 'unique': row[2], 'columns': (row[3] or '') | replace('"', '') | replace(' ', '') | lower
        }) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
