{{ config(meta={'at': run_started_at | string, 'id': invocation_id}) }}
select '{{ modules.datetime.datetime.utcnow() }}' as at
