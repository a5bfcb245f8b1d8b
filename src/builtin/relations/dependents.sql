{#- In the transaction that is to drop a table: what has to happen first to the tables whose
    foreign keys point at it. -#}
{% macro release_dependents(relation) -%}
    {{ return(adapter.dispatch('release_dependents', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__release_dependents(relation) -%}
{%- endmacro %}

{#- The node that makes a table, or `none`. -#}
{% macro node_of_table(database, schema, identifier) -%}
    {%- for node in graph.nodes.values() if node.resource_type in ['model', 'seed', 'snapshot'] -%}
        {%- if node.alias | lower == identifier | lower and node.schema | lower == schema | lower
            and node.database | lower == database | lower -%}
            {{ return(node) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}

{#- Why a table whose foreign key points at a table that is built anew would not be built again
    after it; `none` where it will be. -#}
{% macro why_not_rebuilt(node, referenced) -%}
    {%- if node is none -%}
        {{ return('no model of this project makes it') }}
    {%- elif node.unique_id not in selected_resources -%}
        {{ return('model ' ~ node.name ~ ' is not selected in this run') }}
    {%- elif referenced is none or referenced.unique_id not in node.depends_on.nodes -%}
        {{ return('model ' ~ node.name ~ ' does not ref() the table its foreign key points at') }}
    {%- endif -%}
    {%- set own = node.config.get('full_refresh') -%}
    {%- if node.config.materialized == 'incremental' and not (flags.FULL_REFRESH if own is none else own) -%}
        {{ return('model ' ~ node.name ~ ' is materialized as incremental and would lose its data') }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
