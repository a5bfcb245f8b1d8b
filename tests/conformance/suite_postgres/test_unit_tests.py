from take import take

take(globals(), "unit_testing.test_case_insensitivity")
take(globals(), "unit_testing.test_invalid_input")
take(globals(), "unit_testing.test_quoted_reserved_word_column_names")
take(globals(), "unit_testing.test_types")
