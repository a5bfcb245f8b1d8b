"""Where the tests run: the profile of the warehouse that XCONF_WAREHOUSE names."""
import os
from urllib.parse import unquote, urlsplit

NAME = os.environ.get("XCONF_WAREHOUSE", "duckdb")

# the roles that dbt's tests of grants give rights to
ROLES = [f"dbt_test_user_{number}" for number in (1, 2, 3)]


def postgres_target(database="dbt"):
    """A target of a profile for the server of XFORM_TEST_POSTGRES_URI. Some of dbt's tests expect
    the database `dbt` and the user `root`: `prepare` makes both."""
    uri = urlsplit(os.environ["XFORM_TEST_POSTGRES_URI"])
    return {
        "type": "postgres",
        "threads": 4,
        "host": uri.hostname,
        "port": uri.port or 5432,
        "user": "root",
        "pass": unquote(uri.password or ""),
        "dbname": database,
    }


def postgres_run(*statements, database=None):
    import psycopg2

    uri = os.environ["XFORM_TEST_POSTGRES_URI"]
    connection = psycopg2.connect(uri, **({"dbname": database} if database else {}))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()


def prepare():
    """Makes what all tests share; called once, before any of them."""
    if NAME != "postgres":
        return
    import psycopg2

    password = postgres_target()["pass"].replace("'", "''")
    for statement in [
        f"create role root superuser login password '{password}'",
        *[f"create role {role}" for role in ROLES],
        "create database dbt",
        'create database "dbtMixedCase"',
    ]:
        try:
            postgres_run(statement)
        except (psycopg2.errors.DuplicateObject, psycopg2.errors.DuplicateDatabase):
            pass
    postgres_run(f"alter role root password '{password}'")


if NAME == "postgres":
    for number, role in enumerate(ROLES, 1):
        os.environ[f"DBT_TEST_USER_{number}"] = role
