{#- Makes the view that points to the latest version of a model, once that is built. Whatever has
    the name of the view makes way for it. -#}
{% macro build_latest_version_pointer(identifier) -%}
    {%- set existing_relation = adapter.get_relation(database=this.database, schema=this.schema, identifier=identifier) -%}
    {%- set pointer = this.incorporate(path={'identifier': identifier}, type='view') -%}
    {%- set build_sql = get_create_view_as_sql(pointer, 'select * from ' ~ this) -%}
    {%- do dbt.make_way(existing_relation, pointer, build_sql) -%}
    {%- call statement('latest_version_pointer') -%}
        {{ build_sql }}
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {{ return({'relations': [pointer]}) }}
{%- endmacro %}
