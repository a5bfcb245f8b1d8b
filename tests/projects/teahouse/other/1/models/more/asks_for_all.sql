{{ config(tags=[flags.WHICH | string, target.threads | string], meta={'n': graph.nodes | length, 'm': model.unique_id, 'v': dbt_version, 'which': this.schema}) }}
select '{{ project_name }}', '{{ this }}', {{ context.keys() | list | length }}
