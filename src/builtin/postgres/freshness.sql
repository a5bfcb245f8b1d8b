{#- When the newest row of each relation was committed, which a server knows that keeps these times.
    Rows that are gone do not count.
    See <https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-TRACK-COMMIT-TIMESTAMP>. -#}
{% macro postgres__get_relation_last_modified(information_schema, relations) -%}
    {%- if run_query("select current_setting('track_commit_timestamp')").rows[0][0] != 'on' -%}
        {%- do exceptions.raise_compiler_error(
            "the server does not know when " ~ relations | join(', ') ~ " was last loaded: name a column that tells it with `loaded_at_field`,"
            ~ " or start the server with `track_commit_timestamp = on`"
        ) -%}
    {%- endif -%}
    {%- call statement('last_modified', fetch_result=true, auto_begin=false) -%}
        {%- for relation in relations %}
select
    {{ string_literal(escape_single_quotes(relation.schema)) }} as schema,
    {{ string_literal(escape_single_quotes(relation.identifier)) }} as identifier,
    (select max(pg_xact_commit_timestamp(xmin)) from {{ relation }}) as last_modified,
    {{ current_timestamp() }} as snapshotted_at
            {%- if not loop.last %}
union all
            {%- endif -%}
        {%- endfor -%}
    {%- endcall -%}
    {{ return(load_result('last_modified')) }}
{%- endmacro %}
