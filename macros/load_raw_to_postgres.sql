{#
  Copies the raw data from files to the Postgres database that the target `raw_to_postgres`
  attaches, as a loader would leave it there: one table a tracker, lists and objects as JSON.
#}
{% macro load_raw_to_postgres() %}
    {%- for schema in ['firebase', 'amplitude'] %}
        {%- do run_query('create schema if not exists shop.' ~ schema) -%}
    {%- endfor %}
    {%- set tables = {
        'firebase.events': "* replace (to_json(event_params) as event_params, to_json(device) as device, to_json(geo) as geo)
            from read_json_auto('data/raw/firebase/events_*.ndjson')",
        'amplitude.events_json': "* replace (to_json(event_properties) as event_properties)
            from read_json_auto('data/raw/amplitude/*.ndjson')",
        'amplitude.events_parquet': "* from 'data/raw/amplitude/*.parquet'",
    } %}
    {%- for table, rows in tables.items() %}
        {#- Models of an earlier run read the table: it is emptied, not dropped. -#}
        {%- do run_query('create table if not exists shop.' ~ table ~ ' as select ' ~ rows ~ ' limit 0') -%}
        {%- do run_query('delete from shop.' ~ table) -%}
        {%- do run_query('insert into shop.' ~ table ~ ' select ' ~ rows) -%}
        {%- do log('loaded ' ~ table, info=true) -%}
    {%- endfor %}
{% endmacro %}
