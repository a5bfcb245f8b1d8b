{#- See <https://docs.getdbt.com/reference/resource-configs/postgres-configs#materialized-views>. -#}
{% macro postgres__get_create_materialized_view_as_sql(relation, sql) -%}
    {%- do dbt.check_identifier(relation) -%}
create materialized view if not exists {{ relation }} as (
{{ sql }}
);
    {%- for index_dict in config.get('indexes', default=[]) %}
{{ get_create_index_sql(relation, dict(index_dict, position=loop.index)) }};
    {%- endfor %}
{%- endmacro %}

{% macro postgres__refresh_materialized_view(relation) -%}
    {%- do log('Applying REFRESH to: ' ~ relation) -%}
refresh materialized view {{ relation }}
{%- endmacro %}

{#- What has changed: mappings of `drop`, the names of indexes that are not wanted any more, and
    `create`, the config of those that are not there; `none` where all is as it should be. -#}
{% macro postgres__get_materialized_view_configuration_changes(existing_relation, new_config) -%}
    {%- set there = postgres__describe_indexes(existing_relation) -%}
    {%- set wanted = [] -%}
    {%- set create = [] -%}
    {%- for index_dict in new_config.get('indexes', default=[]) -%}
        {%- do dbt.check_index(existing_relation, index_dict) -%}
        {%- set key = dbt.index_key(
            dbt.as_list(index_dict.columns) | join(',') | replace('"', '') | replace(' ', '') | lower, index_dict.unique, index_dict.type
        ) -%}
        {%- do wanted.append(key) -%}
        {%- set same = namespace(found=false) -%}
        {%- for index in there if dbt.index_key(index.columns, index.unique, index.type) == key -%}
            {%- set same.found = true -%}
        {%- endfor -%}
        {%- if not same.found -%}
            {%- do create.append(dict(index_dict, position=loop.index)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set drop = [] -%}
    {%- for index in there if dbt.index_key(index.columns, index.unique, index.type) not in wanted -%}
        {%- do drop.append(index.name) -%}
    {%- endfor -%}
    {{ return({'drop': drop, 'create': create} if drop or create else none) }}
{%- endmacro %}

{% macro index_key(columns, is_unique, type) -%}
    {{ return(columns ~ '|' ~ (true if is_unique else false) ~ '|' ~ (type or 'btree') | lower) }}
{%- endmacro %}

{#- Its indexes are changed in place, and its rows made anew. -#}
{% macro postgres__get_alter_materialized_view_as_sql(relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) -%}
    {%- do log('Applying ALTER to: ' ~ relation) -%}
    {%- do log('Applying UPDATE INDEXES to: ' ~ relation) -%}
    {%- for name in configuration_changes.drop %}
{{ get_drop_index_sql(relation, name) }};
    {%- endfor %}
    {%- for index_dict in configuration_changes.create %}
{{ get_create_index_sql(relation, index_dict) }};
    {%- endfor %}
refresh materialized view {{ relation }};
{%- endmacro %}
