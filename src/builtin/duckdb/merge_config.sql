{#- Raises an error where the options of a merge are not of the kinds that
    <https://docs.getdbt.com/reference/resource-configs/duckdb-configs> says, or more than a
    DuckLake can do. -#}
{% macro check_merge_config(target_relation) -%}
    {%- set wrong = [] -%}
    {%- for key in ['merge_update_condition', 'merge_insert_condition'] -%}
        {%- if config.get(key) is not none and config.get(key) is not string -%}
            {%- do wrong.append(key ~ ' must be a string, found: ' ~ config.get(key)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for key in ['merge_on_using_columns', 'merge_update_columns', 'merge_exclude_columns', 'merge_returning_columns'] -%}
        {%- set given = config.get(key) -%}
        {%- if given is not none and (given is string or given is mapping or given is not sequence) -%}
            {%- do wrong.append(key ~ ' must be a list, found: ' ~ given) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set expressions = config.get('merge_update_set_expressions') -%}
    {%- if expressions is not none and expressions is not mapping -%}
        {%- do wrong.append('merge_update_set_expressions must be a dictionary, found: ' ~ expressions) -%}
    {%- endif -%}
    {%- set clauses = config.get('merge_clauses') -%}
    {%- if clauses is not none -%}
        {%- do dbt.check_merge_clauses(clauses, wrong) -%}
    {%- endif -%}
    {%- if not wrong and adapter.is_ducklake(target_relation) -%}
        {%- do dbt.check_ducklake_merge(clauses, wrong) -%}
    {%- endif -%}
    {%- if wrong -%}
        {%- do exceptions.raise_compiler_error('the options of the merge cannot be: ' ~ wrong | join('; ')) -%}
    {%- endif -%}
{%- endmacro %}

{% macro check_merge_clauses(clauses, wrong) -%}
    {%- set names = ['when_matched', 'when_not_matched'] -%}
    {%- set ignored = [] -%}
    {%- for key in ['merge_update_condition', 'merge_insert_condition', 'merge_update_columns', 'merge_exclude_columns',
        'merge_update_set_expressions'] if config.get(key) is not none -%}
        {%- do ignored.append(key) -%}
    {%- endfor -%}
    {%- if ignored -%}
        {%- do wrong.append('beside merge_clauses, basic merge configurations will be ignored: remove ' ~ ignored | join(', ')) -%}
    {%- endif -%}
    {%- if clauses is not mapping -%}
        {%- do wrong.append('merge_clauses must be a dictionary, found: ' ~ clauses) -%}
        {{ return('') }}
    {%- endif -%}
    {%- if not clauses -%}
        {%- do wrong.append("merge_clauses must contain at least one of 'when_matched' or 'when_not_matched'") -%}
    {%- endif -%}
    {%- for name in clauses -%}
        {%- set listed = clauses[name] -%}
        {%- if name not in names -%}
            {%- do wrong.append("merge_clauses has no entry '" ~ name ~ "'; there are 'when_matched' and 'when_not_matched'") -%}
        {%- elif listed is not none and (listed is string or listed is mapping or listed is not sequence) -%}
            {%- do wrong.append('merge_clauses.' ~ name ~ ' must be a list, found: ' ~ listed) -%}
        {%- else -%}
            {%- for clause in listed or [] if clause is not mapping -%}
                {%- do wrong.append('merge_clauses.' ~ name ~ ' elements must be dictionaries, found: ' ~ clause) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- What a DuckLake's `merge into` does not have: <https://ducklake.select/docs/stable/duckdb/usage/upserting>. -#}
{% macro check_ducklake_merge(clauses, wrong) -%}
    {%- if config.get('merge_returning_columns') -%}
        {%- do wrong.append('DuckLake MERGE restrictions: merge_returning_columns is not supported') -%}
    {%- endif -%}
    {%- set changes = [] -%}
    {%- for name in clauses or {} -%}
        {%- for clause in clauses[name] or [] if clause.get('action') in ['update', 'delete'] -%}
            {%- do changes.append(clause) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if changes | length > 1 -%}
        {%- do wrong.append('DuckLake MERGE restrictions: there can be one. Found ' ~ changes | length ~ ' UPDATE/DELETE actions') -%}
    {%- endif -%}
{%- endmacro %}
