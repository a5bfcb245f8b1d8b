{#- With a key the rows of a batch are merged, as by dbt-postgres; without one they take the place
    of all that the table has of the batch's time.
    See <https://docs.getdbt.com/docs/build/incremental-microbatch>. -#}
{% macro postgres__get_incremental_microbatch_sql(arg_dict) -%}
    {%- if arg_dict['unique_key'] -%}
        {{ return(get_incremental_merge_sql(arg_dict)) }}
    {%- endif -%}
    {{ return(default__get_incremental_microbatch_sql(arg_dict)) }}
{%- endmacro %}
