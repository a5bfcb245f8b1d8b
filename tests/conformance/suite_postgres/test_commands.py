from take import take

take(globals(), "dbt_show.test_dbt_show")
take(globals(), "dbt_debug.test_dbt_debug", "BaseDebugPostgres", "BaseDebugInvalidProjectPostgres", "BaseDebugProfileVariable")
take(
    globals(),
    "dbt_clone.test_dbt_clone",
    "TestPostgresCloneNotPossible",
    "BaseCloneSameSourceAndTarget",
    "BaseCloneSameTargetAndState",
)
take(globals(), "empty.test_empty")
