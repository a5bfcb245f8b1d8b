from take import take

# The classes whose names begin with Test are those for Postgres.
take(
    globals(),
    "constraints.test_constraints",
    "TestTableConstraintsColumnsEqual",
    "TestViewConstraintsColumnsEqual",
    "TestIncrementalConstraintsColumnsEqual",
    "TestTableConstraintsRuntimeDdlEnforcement",
    "TestTableConstraintsRollback",
    "TestIncrementalConstraintsRuntimeDdlEnforcement",
    "TestIncrementalConstraintsRollback",
    "TestTableContractSqlHeader",
    "TestIncrementalContractSqlHeader",
    "TestModelConstraintsRuntimeEnforcement",
    "TestConstraintQuotedColumn",
    "TestIncrementalForeignKeyConstraint",
)
