{#- Puts the rows of a batch in the place of all that the table has of the batch's time. -#}
{% macro get_incremental_microbatch_sql(arg_dict) -%}
    {{ return(adapter.dispatch('get_incremental_microbatch_sql', 'dbt')(arg_dict)) }}
{%- endmacro %}

{% macro default__get_incremental_microbatch_sql(arg_dict) -%}
    {%- if arg_dict['unique_key'] -%}
        {%- do exceptions.raise_compiler_error(
            "the incremental strategy 'microbatch' does not support 'unique_key': a batch replaces all rows of its time; "
            ~ "remove `unique_key`, or use the strategy `merge`"
        ) -%}
    {%- endif -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set event_time = config.require('event_time') -%}
    {%- set is_in_batch -%}
{{ event_time }} >= '{{ model.batch.event_time_start }}' and {{ event_time }} < '{{ model.batch.event_time_end }}'
    {%- endset -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name') | list) -%}
delete from {{ target }}
where {{ is_in_batch }}
    {%- for predicate in dbt.as_list(arg_dict['incremental_predicates']) %}
    and ({{ predicate }})
    {%- endfor %};
insert into {{ target }} ({{ columns }})
(
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }}
    where {{ is_in_batch }}
)
{%- endmacro %}
