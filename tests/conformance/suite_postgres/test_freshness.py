import json
from pathlib import Path

import pytest

from dbt.tests.util import run_dbt

SOURCES = """
sources:
- name: raw
  schema: "{{ target.schema }}"
  config:
    freshness: {warn_after: {count: 1, period: day}, error_after: {count: 30, period: day}}
    loaded_at_field: at
  tables:
  - name: new_rows
  - name: old_rows
  - name: older_rows
  - name: by_query
    config: {loaded_at_query: "select max(at) from {{ this }}"}
  - name: some_rows
    config:
      freshness: {warn_after: {count: 1, period: day}, filter: "id > 1"}
"""


class TestFreshness:
    @pytest.fixture(scope="class")
    def models(self):
        return {"sources.yml": SOURCES}

    def test_is_told(self, project):
        for name, days in [("new_rows", 0), ("old_rows", 2), ("older_rows", 40), ("by_query", 2)]:
            project.run_sql(
                f"create table {project.test_schema}.{name} as"
                f" select 1 as id, now() - interval '{days} day' as at"
            )
        project.run_sql(
            f"create table {project.test_schema}.some_rows as"
            " select 1 as id, now() as at union all select 2, now() - interval '3 day'"
        )
        run_dbt(["source", "freshness"], expect_pass=False)
        found = json.loads((Path(project.project_root) / "target" / "sources.json").read_text())
        status = {row["unique_id"].split(".")[-1]: row["status"] for row in found["results"]}
        assert status == {
            "new_rows": "pass",
            "old_rows": "warn",
            "older_rows": "error",
            "by_query": "warn",
            "some_rows": "warn",
        }
