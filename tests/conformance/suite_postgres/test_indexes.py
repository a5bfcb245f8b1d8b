import pytest

from dbt.tests.util import run_dbt

TABLE = """
{{ config(materialized='table', unlogged=var('unlogged', false), indexes=[
    {'columns': ['id'], 'unique': true},
    {'columns': ['id', 'name']},
    {'columns': ['name'], 'type': 'hash'},
]) }}
select 1 as id, 'a'::text as name
"""

ADDS = """
{{ config(materialized='incremental', unique_key='id', indexes=[{'columns': ['id'], 'type': 'hash'}]) }}
select 1 as id, 'a'::text as name
"""

WRONG = """
{{ config(materialized='table', indexes=[{'columns': ['id'], 'unqiue': true}]) }}
select 1 as id
"""

SNAPSHOT = """
snapshots:
- name: history
  relation: ref('indexed')
  config: {strategy: check, check_cols: all, unique_key: id, indexes: [{columns: [dbt_valid_to]}]}
"""


def indexes_of(project, name):
    rows = project.run_sql(
        f"select indexdef from pg_indexes where schemaname = '{project.test_schema}' and tablename = '{name}'",
        fetch="all",
    )
    # create [unique] index NAME on SCHEMA.TABLE using METHOD (COLUMNS)
    return sorted(("UNIQUE" in row[0], row[0].split(" USING ")[1]) for row in rows)


class TestIndexes:
    @pytest.fixture(scope="class")
    def models(self):
        return {"indexed.sql": TABLE, "adds.sql": ADDS}

    @pytest.fixture(scope="class")
    def snapshots(self):
        return {"history.yml": SNAPSHOT}

    @pytest.fixture(scope="class")
    def seeds(self):
        return {"codes.csv": "code,name\n1,a\n"}

    @pytest.fixture(scope="class")
    def project_config_update(self):
        return {"seeds": {"+indexes": [{"columns": ["code"], "unique": True}]}}

    def check(self, project):
        assert indexes_of(project, "indexed") == [
            (False, "btree (id, name)"),
            (False, "hash (name)"),
            (True, "btree (id)"),
        ]
        assert indexes_of(project, "adds") == [(False, "hash (id)")]
        assert indexes_of(project, "codes") == [(True, "btree (code)")]
        assert indexes_of(project, "history") == [(False, "btree (dbt_valid_to)")]

    def test_are_made_and_stay(self, project):
        for _ in range(2):
            assert len(run_dbt(["build"])) == 4
            self.check(project)
        run_dbt(["build", "--full-refresh"])
        self.check(project)


class TestUnlogged:
    @pytest.fixture(scope="class")
    def models(self):
        return {"indexed.sql": TABLE}

    def persistence(self, project):
        return project.run_sql(
            "select relpersistence::text from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            f" where n.nspname = '{project.test_schema}' and c.relname = 'indexed'",
            fetch="one",
        )[0]

    def test_is_what_the_config_says(self, project):
        run_dbt(["run"])
        assert self.persistence(project) == "p"
        run_dbt(["run", "--vars", "unlogged: true"])
        assert self.persistence(project) == "u"


class TestWrongIndex:
    @pytest.fixture(scope="class")
    def models(self):
        return {"wrong.sql": WRONG}

    def test_is_an_error(self, project):
        results = run_dbt(["run"], expect_pass=False)
        assert results[0].status == "error"
