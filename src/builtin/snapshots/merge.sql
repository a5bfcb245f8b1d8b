{#- The statements that bring what a staging table holds into a snapshot: versions that are
    no longer true get an end, new ones are added. -#}
{% macro snapshot_merge_sql(target, source, insert_cols) -%}
    {{ return(adapter.dispatch('snapshot_merge_sql', 'dbt')(target, source, insert_cols)) }}
{%- endmacro %}

{% macro default__snapshot_merge_sql(target, source, insert_cols) -%}
    {%- set columns = dbt.get_snapshot_column_names() -%}
update {{ target.render() }} as DBT_INTERNAL_DEST
set {{ columns.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ columns.dbt_valid_to }}
from {{ source }} as DBT_INTERNAL_SOURCE
where DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')
    and cast(DBT_INTERNAL_SOURCE.{{ columns.dbt_scd_id }} as {{ type_string() }})
        = cast(DBT_INTERNAL_DEST.{{ columns.dbt_scd_id }} as {{ type_string() }})
    and {{ dbt.is_current_version('DBT_INTERNAL_DEST.' ~ columns.dbt_valid_to) }};

insert into {{ target.render() }} ({{ insert_cols | join(', ') }})
select {{ insert_cols | join(', ') }}
from {{ source }}
where dbt_change_type = 'insert';
{%- endmacro %}
