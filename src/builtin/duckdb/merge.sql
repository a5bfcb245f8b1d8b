{#- DuckDB's own `merge into`, with all that dbt-duckdb's documentation lets a model say of it:
    `merge_clauses`, or else the options for the two usual clauses. -#}
{% macro duckdb__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
    {%- do dbt.check_merge_config(target) -%}
    {%- set clauses = dbt.merge_clauses(dest_columns) -%}
    {%- set using = dbt.as_list(config.get('merge_on_using_columns')) -%}
    {%- set predicates = dbt.as_list(incremental_predicates) -%}
    {%- if using and predicates -%}
        {%- do exceptions.raise_compiler_error(
            "`merge_on_using_columns` joins by columns alone: use `unique_key` beside `incremental_predicates`"
        ) -%}
    {%- endif -%}
merge into {{ target }} as DBT_INTERNAL_DEST
using {{ source }} as DBT_INTERNAL_SOURCE
    {%- if using %}
using ({{ using | join(', ') }})
    {%- else %}
on {% for key in dbt.as_list(unique_key) -%}
    (DBT_INTERNAL_SOURCE.{{ key }} = DBT_INTERNAL_DEST.{{ key }}){{ ' and ' if not loop.last }}
    {%- else -%}
    (false)
    {%- endfor -%}
    {%- for predicate in predicates %} and ({{ predicate }}){% endfor %}
    {%- endif %}
    {%- for clause in clauses['when_matched'] %}
when matched{{ dbt.merge_condition(clause) }} then {{ dbt.merge_action(clause, dest_columns) }}
    {%- endfor %}
    {%- for clause in clauses['when_not_matched'] %}
when not matched{{ ' by ' ~ clause['by'] if clause['by'] }}{{ dbt.merge_condition(clause) }} then {{ dbt.merge_action(clause, dest_columns) }}
    {%- endfor %}
    {%- if config.get('merge_returning_columns') %}
returning {{ dbt.as_list(config.get('merge_returning_columns')) | join(', ') }}
    {%- endif %}
{%- endmacro %}

{#- The clauses of a merge, in the form that the config `merge_clauses` has. -#}
{% macro merge_clauses(dest_columns) -%}
    {%- set names = ['when_matched', 'when_not_matched'] -%}
    {%- set clauses = {
        'when_matched': [{
            'action': 'update',
            'mode': 'options',
            'condition': config.get('merge_update_condition')
        }],
        'when_not_matched': [{'action': 'insert', 'condition': config.get('merge_insert_condition')}]
    } -%}
    {%- set custom = config.get('merge_clauses') -%}
    {%- if custom is none -%}
        {{ return(clauses) }}
    {%- endif -%}
    {%- for name in custom -%}
        {%- set listed = custom[name] or [] -%}
        {%- for clause in listed -%}
            {%- do dbt.check_merge_clause(name, clause) -%}
        {%- endfor -%}
        {%- do clauses.update({name: listed}) -%}
    {%- endfor -%}
    {{ return(clauses) }}
{%- endmacro %}

{#- Raises an error for a clause that could not be written. -#}
{% macro check_merge_clause(name, clause) -%}
    {%- set actions = {
        'when_matched': ['update', 'delete', 'do_nothing', 'error'],
        'when_not_matched': ['insert', 'update', 'delete', 'do_nothing', 'error']
    } -%}
    {%- set modes = ['by_name', 'by_position', 'star', 'explicit'] -%}
    {%- if clause.get('action') not in actions[name] -%}
        {%- do exceptions.raise_compiler_error(
            "`" ~ clause.get('action') ~ "` is no action of `" ~ name ~ "` in `merge_clauses`; there are `"
            ~ actions[name] | join('`, `') ~ "`"
        ) -%}
    {%- elif clause.get('mode', 'by_name') not in modes -%}
        {%- do exceptions.raise_compiler_error(
            "`" ~ clause['mode'] ~ "` is no mode of an action in `merge_clauses`; there are `" ~ modes | join('`, `') ~ "`"
        ) -%}
    {%- elif clause.get('by') and (name == 'when_matched' or clause['by'] | lower not in ['source', 'target']) -%}
        {%- do exceptions.raise_compiler_error("`by` in `merge_clauses` is `source` or `target`, and stands in `when_not_matched`") -%}
    {%- elif clause.get('mode') == 'explicit' and clause['action'] == 'insert'
        and (clause.get('insert', {}).get('columns') or []) | length != (clause.get('insert', {}).get('values') or []) | length -%}
        {%- do exceptions.raise_compiler_error("an explicit `insert` in `merge_clauses` needs as many `values` as `columns`") -%}
    {%- endif -%}
{%- endmacro %}

{% macro merge_condition(clause) -%}
    {{ return(' and (' ~ clause['condition'] ~ ')' if clause.get('condition') else '') }}
{%- endmacro %}

{#- What a clause does with a row. -#}
{% macro merge_action(clause, dest_columns) -%}
    {%- set action = clause['action'] -%}
    {%- set mode = clause.get('mode', 'by_name') -%}
    {%- if action == 'delete' -%}
        {{ return('delete') }}
    {%- elif action == 'do_nothing' -%}
        {{ return('do nothing') }}
    {%- elif action == 'error' -%}
        {%- set message = clause.get('error_message') -%}
        {{ return('error' ~ (' ' ~ string_literal(escape_single_quotes(message)) if message else '')) }}
    {%- elif action == 'insert' -%}
        {%- if mode == 'explicit' -%}
            {%- set listed = clause['insert'] -%}
            {{ return('insert (' ~ listed['columns'] | join(', ') ~ ') values (' ~ listed['values'] | join(', ') ~ ')') }}
        {%- endif -%}
        {{ return({'by_name': 'insert by name', 'by_position': 'insert by position', 'star': 'insert *'}[mode]) }}
    {%- endif -%}
    {%- set expressions = clause.get('set_expressions') or {} -%}
    {%- if mode == 'options' -%}
        {{ return(dbt.merge_update_set(
            config.get('merge_update_columns'), config.get('merge_exclude_columns'),
            config.get('merge_update_set_expressions') or {}, dest_columns
        )) }}
    {%- elif mode == 'explicit' -%}
        {%- set listed = clause.get('update') or {} -%}
        {%- set excluded = dbt.as_list(listed.get('exclude')) | map('lower') | list -%}
        {%- set included = dbt.as_list(listed.get('include')) or dest_columns | map(attribute='name') | list -%}
        {%- set kept = [] -%}
        {%- for name in included if name | lower not in excluded -%}
            {%- do kept.append(name) -%}
        {%- endfor -%}
        {{ return(dbt.merge_update_set(kept, none, listed.get('set_expressions') or expressions, dest_columns)) }}
    {%- elif expressions -%}
        {%- set sets = [] -%}
        {%- for name in expressions -%}
            {%- do sets.append(name ~ ' = ' ~ expressions[name]) -%}
        {%- endfor -%}
        {{ return('update set ' ~ sets | join(', ')) }}
    {%- endif -%}
    {{ return({'by_name': 'update by name', 'by_position': 'update by position', 'star': 'update set *'}[mode]) }}
{%- endmacro %}

{#- Sets columns to expressions, and the others that are to be updated to the new values. -#}
{% macro merge_update_set(update_columns, exclude_columns, expressions, dest_columns) -%}
    {%- if not update_columns and not exclude_columns and not expressions -%}
        {{ return('update by name') }}
    {%- endif -%}
    {%- set sets = [] -%}
    {%- set known = [] -%}
    {%- for name in expressions -%}
        {%- do known.append(name | lower | replace('"', '')) -%}
        {%- do sets.append(name ~ ' = ' ~ expressions[name]) -%}
    {%- endfor -%}
    {%- for name in get_merge_update_columns(update_columns, exclude_columns, dest_columns) -%}
        {%- if name | lower | replace('"', '') not in known -%}
            {%- do sets.append(name ~ ' = DBT_INTERNAL_SOURCE.' ~ name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return('update set ' ~ sets | join(', ')) }}
{%- endmacro %}
