import pytest

from dbt.tests.adapter.materialized_view import basic, changes
from dbt.tests.util import get_model_file, run_dbt, set_model_file

KINDS = {"r": "table", "v": "view", "m": "materialized_view"}

WITH_INDEX = """
{{ config(
    materialized='materialized_view',
    indexes=[{'columns': ['id']}],
) }}
select * from {{ ref('my_seed') }}
"""


def kind_of(project, relation):
    found = project.run_sql(
        "select c.relkind::text from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        f" where n.nspname = '{relation.schema}' and c.relname = '{relation.identifier}'",
        fetch="one",
    )
    return KINDS.get(found[0]) if found else None


def indexes_of(project, relation):
    """The columns, kind and uniqueness of each index, read out of its definition."""
    rows = project.run_sql(
        "select m.amname::text, x.indisunique, pg_get_indexdef(x.indexrelid, 1, true)"
        " from pg_index x join pg_class i on i.oid = x.indexrelid join pg_am m on m.oid = i.relam"
        " join pg_class c on c.oid = x.indrelid join pg_namespace n on n.oid = c.relnamespace"
        f" where n.nspname = '{relation.schema}' and c.relname = '{relation.identifier}'",
        fetch="all",
    )
    return sorted(tuple(row) for row in rows)


class TestMaterializedViewBasic(basic.MaterializedViewBasic):
    @staticmethod
    def insert_record(project, table, record):
        project.run_sql(f"insert into {table} (id, value) values {record}")

    @staticmethod
    def refresh_materialized_view(project, materialized_view):
        project.run_sql(f"refresh materialized view {materialized_view}")

    @staticmethod
    def query_row_count(project, relation):
        return project.run_sql(f"select count(*) from {relation}", fetch="one")[0]

    @staticmethod
    def query_relation_type(project, relation):
        return kind_of(project, relation)


class Changes(changes.MaterializedViewChanges):
    """Indexes are what can be changed without building the view anew; nothing else is told."""

    @pytest.fixture(scope="class", autouse=True)
    def models(self):
        yield {"my_materialized_view.sql": WITH_INDEX}

    @staticmethod
    def check_start_state(project, materialized_view):
        assert indexes_of(project, materialized_view) == [("btree", False, "id")]

    @staticmethod
    def change_config_via_alter(project, materialized_view):
        text = get_model_file(project, materialized_view)
        changed = text.replace(
            "{'columns': ['id']}",
            "{'columns': ['value'], 'unique': True}",
        )
        set_model_file(project, materialized_view, changed)

    @staticmethod
    def check_state_alter_change_is_applied(project, materialized_view):
        assert indexes_of(project, materialized_view) == [("btree", True, "value")]

    @staticmethod
    def query_relation_type(project, relation):
        return kind_of(project, relation)


class TestMaterializedViewChangesApply(Changes, changes.MaterializedViewChangesApplyMixin):
    @pytest.mark.skip(reason="no change makes Postgres build a materialized view anew")
    def test_change_is_applied_via_replace(self):
        pass


class TestMaterializedViewChangesContinue(Changes, changes.MaterializedViewChangesContinueMixin):
    pass


class TestMaterializedViewChangesFail(Changes, changes.MaterializedViewChangesFailMixin):
    pass


class TestMaterializedViewIndexesStay(Changes):
    """A run with the same configuration refreshes the view and leaves its indexes."""

    def test_refresh_keeps_indexes(self, project, my_materialized_view):
        project.run_sql(f"insert into {project.test_schema}.my_seed (id, value) values (4, 400)")
        run_dbt(["run", "--models", my_materialized_view.identifier])
        self.check_start_state(project, my_materialized_view)
        count = f"select count(*) from {my_materialized_view}"
        assert project.run_sql(count, fetch="one")[0] == 4
