import pytest

from dbt.tests.adapter.simple_copy.test_copy_uppercase import BaseSimpleCopyUppercase
from take import take
from xconf import warehouse

for _name in """
    test_base test_singular_tests test_singular_tests_ephemeral test_empty test_ephemeral
    test_generic_tests test_table_materialization test_adapter_methods test_validate_connection
""".split():
    take(globals(), "basic." + _name)
take(globals(), "simple_copy.test_simple_copy", "SimpleCopyBase", "EmptyModelsArentRunBase")
take(globals(), "concurrency.test_concurrency")
take(globals(), "query_comment.test_query_comment")


class TestSimpleCopyUppercase(BaseSimpleCopyUppercase):
    @pytest.fixture(scope="class")
    def dbt_profile_target(self):
        return warehouse.postgres_target("dbtMixedCase")
