from take import take

take(globals(), "basic.test_incremental")
take(globals(), "incremental.test_incremental_unique_id")
take(globals(), "incremental.test_incremental_predicates")
take(globals(), "incremental.test_incremental_on_schema_change")
take(globals(), "incremental.test_incremental_merge_exclude_columns")
take(globals(), "incremental.test_incremental_microbatch")
take(globals(), "sample_mode.test_sample_mode")
