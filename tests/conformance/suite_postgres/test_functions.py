from take import take

take(
    globals(),
    "functions.test_udfs",
    "UDFsBasic",
    "DeterministicUDF",
    "StableUDF",
    "NonDeterministicUDF",
    "ErrorForUnsupportedType",
    "SqlUDFDefaultArgSupport",
    "CanFindScalarFunctionRelation",
    "PythonUDFNotSupported",
)
take(globals(), "functions.test_udafs", "BasicSQLUDAF")
