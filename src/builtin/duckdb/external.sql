{#- Writes the rows of the model to files, which a view under the model's name reads. One file
    takes the place of the old one at once. Several files are a version: a folder of their own,
    which the view and the file `_current` lead to once all are there, so that no reader sees
    files of two builds. Who sets an option for what is there already (`overwrite`,
    `overwrite_or_ignore`, `append`) has the files written into the place itself.
    See <https://github.com/duckdb/dbt-duckdb#writing-to-external-files>. -#}
{% materialization external, adapter='duckdb' %}
    {%- do dbt.refuse_external_services() -%}
    {%- set place = render(config.get('location', default=external_location(this, config))) -%}
    {%- set version = dbt.external_version() if dbt.is_versioned(config.get('options', default={})) else none -%}
    {%- set location = place ~ '/' ~ version if version else place -%}
    {%- set format = dbt.external_format(location) -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set temp_relation = make_temp_relation(this) -%}

    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}

    {%- call statement('rows') -%}
        {{ create_table_as(true, temp_relation, sql) }}
    {%- endcall -%}
    {%- set is_empty = run_query('select 1 from ' ~ temp_relation ~ ' limit 1') | length == 0 -%}
    {%- set before = adapter.begin_external_version(place, version) if version else '' -%}
    {%- call statement('main') -%}
        {{ write_to_file(temp_relation, location, adapter.external_write_options(location, config.get('options', default={}))) }}
    {%- endcall -%}

    {%- if version -%}
        {%- call statement('publish') -%}
            {{ dbt.write_current_version(place, version) }}
        {%- endcall -%}
    {%- endif -%}

    {%- set build_sql = 'create or replace view ' ~ target_relation ~ ' as (\n'
        ~ dbt.external_query(temp_relation, location, format, is_empty) ~ '\n);' -%}
    {%- do dbt.make_way(existing_relation, target_relation, build_sql) -%}
    {%- call statement('view') -%}
        {{ build_sql }}
    {%- endcall -%}
    {%- call statement('drop_rows') -%}
        {{ get_drop_sql(temp_relation) }}
    {%- endcall -%}

    {%- do apply_grants(target_relation, config.get('grants'), should_revoke(existing_relation)) -%}
    {%- do persist_docs(target_relation, model) -%}

    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do adapter.commit() -%}
    {%- if version -%}
        {%- do adapter.drop_external_versions(place, version, before) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- Whether options make several files, and say nothing of those that are there. -#}
{% macro is_versioned(options) -%}
    {%- set names = (options or {}).keys() | map('lower') | list -%}
    {%- set is_folder = options and (options.get('partition_by') or options.get('per_thread_output') or options.get('file_size_bytes')) -%}
    {%- for name in ['overwrite', 'overwrite_or_ignore', 'append'] if name in names -%}
        {{ return(false) }}
    {%- endfor -%}
    {{ return(true if is_folder else false) }}
{%- endmacro %}

{#- The name of a version: the later ones sort behind. -#}
{% macro external_version() -%}
    {{ return('v' ~ modules.datetime.datetime.utcnow().strftime('%Y%m%dT%H%M%S%f') ~ '-' ~ invocation_id[:8]) }}
{%- endmacro %}

{#- Names the version that is to be read. -#}
{% macro write_current_version(place, version) -%}
    {%- set file = string_literal(escape_single_quotes(place ~ '/_current')) -%}
copy (select {{ string_literal(version) }} as version) to {{ file }} (format csv, header false)
{%- endmacro %}

{#- The folder that the files of a place are in: that of its version, where it has any. -#}
{% macro current_location(place, options) -%}
    {%- if not dbt.is_versioned(options) -%}
        {{ return(place) }}
    {%- endif -%}
    {%- set found = run_query('select content from read_text(' ~ string_literal(escape_single_quotes(place ~ '/_current')) ~ ')') -%}
    {{ return(place ~ '/' ~ (found.rows[0][0] | trim)) }}
{%- endmacro %}

{#- What would hand the files to a service or to a plugin in Python. -#}
{% macro refuse_external_services() -%}
    {%- if config.get('glue_register') -%}
        {%- do exceptions.raise_not_implemented(
            "`glue_register`: tables are not registered with AWS Glue; remove it, and register `" ~ model.name ~ "` by other means"
        ) -%}
    {%- endif -%}
    {%- if config.get('plugin') -%}
        {%- do exceptions.raise_not_implemented(
            "`plugin`: plugins of dbt-duckdb are Python, which does not run here; remove it from `" ~ model.name ~ "`"
        ) -%}
    {%- endif -%}
{%- endmacro %}

{#- Where the files go when the model does not say: below the profile's `external_root`. -#}
{% macro external_location(relation, config) -%}
    {%- set place = adapter.external_root() ~ '/' ~ relation.identifier -%}
    {%- set options = config.get('options', default={}) -%}
    {%- if options.get('partition_by') or options.get('per_thread_output') or options.get('file_size_bytes') -%}
        {{ return(place) }}
    {%- endif -%}
    {{ return(place ~ '.' ~ config.get('format', default='parquet')) }}
{%- endmacro %}

{#- The format of the files: what the model says, else the ending of their name. -#}
{% macro external_format(location) -%}
    {%- set format = config.get('format') or dbt.format_of_file(location) -%}
    {%- if format not in ['parquet', 'csv', 'json'] -%}
        {%- do exceptions.raise_compiler_error(
            "`" ~ format ~ "` is no format of external files; there are `parquet`, `csv`, `json`: set `format`"
        ) -%}
    {%- endif -%}
    {{ return(format) }}
{%- endmacro %}

{#- The ending of a file's name, without that of its compression. -#}
{% macro format_of_file(location) -%}
    {%- set endings = (location.split('/')[-1] | lower).split('.')[1:] -%}
    {%- if endings and endings[-1] in ['gz', 'zst', 'zstd'] -%}
        {%- set endings = endings[:-1] -%}
    {%- endif -%}
    {{ return(endings[-1] if endings else 'parquet') }}
{%- endmacro %}

{#- The statement that writes a relation to files; `write_options` is what stands in the
    parentheses. -#}
{% macro write_to_file(relation, location, write_options) -%}
copy {{ relation }} to {{ string_literal(escape_single_quotes(location)) }} ({{ write_options }})
{%- endmacro %}

{#- What stands in the parentheses of `copy`; `adapter.external_write_options` calls this. -#}
{% macro external_write_options(location, options) -%}
    {%- set given = dict(options or {}) -%}
    {%- if config.get('delimiter') and 'delimiter' not in given -%}
        {%- do given.update({'delimiter': config.get('delimiter')}) -%}
    {%- endif -%}
    {%- set names = given.keys() | map('lower') | list -%}
    {%- set format = given.get('format') or dbt.external_format(location) -%}
    {%- if 'format' not in names -%}
        {%- do given.update({'format': format}) -%}
    {%- endif -%}
    {%- if format == 'csv' and 'header' not in names -%}
        {%- do given.update({'header': 1}) -%}
    {%- endif -%}
    {%- if dbt.has_foreign_keys(given) and 'write_partition_columns' not in names -%}
        {%- do given.update({'write_partition_columns': true}) -%}
    {%- endif -%}
    {%- set written = [] -%}
    {%- for name, value in given.items() -%}
        {%- do written.append(name ~ ' ' ~ dbt.external_option(name | lower, value)) -%}
    {%- endfor -%}
    {{ return(written | join(', ')) }}
{%- endmacro %}

{#- Whether files are parted by a column with another name than letters, digits and `_`: in names of
    folders DuckDB writes such a name in percent signs, and reads it back so; the files have the
    column themselves then. -#}
{% macro has_foreign_keys(options) -%}
    {%- set keys = (options or {}).get('partition_by') or [] -%}
    {%- for key in (keys.strip('()').split(',') if keys is string else keys) -%}
        {%- if modules.re.match('^[A-Za-z0-9_]+$', key | trim) is none -%}
            {{ return(true) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(false) }}
{%- endmacro %}

{#- The value of one option as SQL. -#}
{% macro external_option(name, value) -%}
    {%- set texts = ['delimiter', 'delim', 'sep', 'quote', 'escape', 'nullstr', 'null', 'dateformat', 'timestampformat',
        'filename_pattern', 'file_extension', 'prefix', 'suffix'] -%}
    {%- if value is sameas true or value is sameas false or value is number -%}
        {{ return(value | string) }}
    {%- elif value is not string -%}
        {{ return('(' ~ value | join(', ') ~ ')') }}
    {%- elif name == 'partition_by' or name.startswith('force_') -%}
        {{ return('(' ~ value ~ ')' if ',' in value and not value.startswith('(') else value) }}
    {%- elif value.startswith("'") and value | length > 1 or value.startswith('(') or value.startswith('{') -%}
        {{ return(value) }}
    {%- elif name in texts or modules.re.fullmatch('[A-Za-z0-9_]+', value) is none -%}
        {{ return(string_literal(escape_single_quotes(value))) }}
    {%- endif -%}
    {{ return(value) }}
{%- endmacro %}

{#- The pattern that finds the files again; `adapter.external_read_location` calls this. -#}
{% macro external_read_location(location, options) -%}
    {%- set options = options or {} -%}
    {%- set keys = options.get('partition_by') -%}
    {%- if keys -%}
        {%- set keys = keys.strip('()').split(',') if keys is string else keys -%}
        {{ return(location ~ '/*' * (keys | length) ~ '/*.' ~ dbt.external_format(location)) }}
    {%- elif options.get('per_thread_output') or options.get('file_size_bytes') -%}
        {{ return(location ~ '/*.' ~ dbt.external_format(location)) }}
    {%- endif -%}
    {{ return(location) }}
{%- endmacro %}

{#- The query of the view. What was written without any row may say nothing of types, or not
    be there at all: then the view gives them. -#}
{% macro external_query(written, location, format, is_empty) -%}
    {%- if is_empty and written is not none -%}
        {%- set columns = [] -%}
        {%- for column in adapter.get_columns_in_relation(written) -%}
            {%- do columns.append('cast(null as ' ~ column.data_type ~ ') as ' ~ column.quoted) -%}
        {%- endfor -%}
        {{ return('select ' ~ columns | join(', ') ~ '\nwhere false') }}
    {%- endif -%}
    {%- set defaults = {'parquet': {'union_by_name': false}, 'csv': {'auto_detect': true}, 'json': {'auto_detect': true}} -%}
    {%- set arguments = [string_literal(escape_single_quotes(adapter.external_read_location(location, config.get('options', default={}))))] -%}
    {%- for name, value in config.get(format ~ '_read_options', default=defaults[format]).items() -%}
        {%- do arguments.append(name ~ '=' ~ dbt.external_argument(value)) -%}
    {%- endfor -%}
    {%- if dbt.has_foreign_keys(config.get('options', default={})) and 'hive_partitioning' not in config.get(format ~ '_read_options', default={}) -%}
        {%- do arguments.append('hive_partitioning=false') -%}
    {%- endif -%}
    {{ return('select * from read_' ~ format ~ '(' ~ arguments | join(', ') ~ ')') }}
{%- endmacro %}

{% macro external_argument(value) -%}
    {%- if value is string and not modules.re.match("['\\[{(]", value) -%}
        {{ return(string_literal(escape_single_quotes(value))) }}
    {%- elif value is string -%}
        {{ return(value) }}
    {%- endif -%}
    {{ return(tojson(value) if value is mapping else value | string) }}
{%- endmacro %}

{#- For `on-run-start` with a database in memory: makes the views of external models that the
    run reads and does not build.
    See <https://github.com/duckdb/dbt-duckdb#re-running-external-models-with-an-in-memory-version-of-dbt-duckdb>. -#}
{% macro register_upstream_external_models() -%}
    {%- if execute -%}
        {%- set seen = [] -%}
        {%- for id in selected_resources -%}
            {%- for upstream in (graph.nodes.get(id) or {}).get('depends_on', {}).get('nodes', []) -%}
                {%- set node = graph.nodes.get(upstream) -%}
                {%- if node and upstream not in selected_resources and upstream not in seen and node.config.materialized == 'external' -%}
                    {%- do seen.append(upstream) -%}
                    {%- do dbt.register_external_model(node) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{% macro register_external_model(node) -%}
    {%- set relation = api.Relation.create(
        database=node.database, schema=node.schema, identifier=node.alias or node.name, type='view'
    ) -%}
    {%- set options = node.config.get('options') or {} -%}
    {%- set format = node.config.get('format') or 'parquet' -%}
    {%- set in_folder = options.get('partition_by') or options.get('per_thread_output') or options.get('file_size_bytes') -%}
    {%- set place = adapter.external_root() ~ '/' ~ relation.identifier ~ ('' if in_folder else '.' ~ format) -%}
    {%- set location = node.config.get('location') or place -%}
    {%- set format = node.config.get('format') or dbt.format_of_file(location) -%}
    {%- if in_folder -%}
        {%- set location = dbt.current_location(location, options) ~ '/**/*.' ~ format -%}
    {%- endif -%}
    {%- do adapter.create_schema(relation) -%}
    {%- call statement('register_external_model') -%}
        create or replace view {{ relation }} as (
            select * from read_{{ format }}({{ string_literal(escape_single_quotes(location)) }})
        )
    {%- endcall -%}
{%- endmacro %}
