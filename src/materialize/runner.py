"""Runs one model written in Python; started by xform with the path of a JSON file.

The file says where the model, its inputs (Parquet) and its configuration are, where the rows go
(Parquet) and where to report a failure. What the model prints stays on standard output.
"""

import json
import os
import sys
import threading
import traceback

try:
    import duckdb
except ImportError:
    duckdb = None


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def text(value):
    return "'" + value.replace("'", "''") + "'"


class ModelError(Exception):
    """What the model did wrong, in words that need no traceback."""


class NeedsPackage(Exception):
    """A package that is not installed."""


class Rows:
    """An input where the package duckdb is not installed."""

    def __init__(self, path):
        self.path = path

    def df(self):
        try:
            import pandas
        except ImportError:
            raise NeedsPackage("pandas") from None
        return pandas.read_parquet(self.path)

    to_df = df
    to_pandas = df

    def pl(self):
        try:
            import polars
        except ImportError:
            raise NeedsPackage("polars") from None
        return polars.read_parquet(self.path)

    def arrow(self):
        try:
            import pyarrow.parquet
        except ImportError:
            raise NeedsPackage("pyarrow") from None
        return pyarrow.parquet.read_table(self.path)

    to_arrow_table = arrow


class NoSession:
    """Stands in for the session where the package duckdb is not installed."""

    def __getattr__(self, name):
        raise NeedsPackage("duckdb")


class This:
    """The relation that the model makes."""

    def __init__(self, about):
        self.database = about["database"]
        self.schema = about["schema"]
        self.identifier = about["identifier"]
        self.relation = about["relation"]

    def __repr__(self):
        return self.relation


class Config:
    def __init__(self, values):
        self.values = values

    def __call__(self, *args, **kwargs):
        return None

    def get(self, key, default=None):
        found = self.values.get(key)
        return default if found is None else found

    def meta_get(self, key, default=None):
        found = (self.values.get("meta") or {}).get(key)
        return default if found is None else found


class Dbt:
    def __init__(self, job, load):
        self.inputs = job["inputs"]
        self.load = load
        self.config = Config(job["config"])
        self.this = This(job["this"])
        self.is_incremental = job["is_incremental"]

    def ref(self, *args, v=None, version=None):
        version = v if v is not None else version
        return self.find("ref", args, None if version is None else str(version))

    def source(self, *args):
        return self.find("source", args, None)

    def find(self, kind, args, version):
        for found in self.inputs:
            if (found["kind"], found["arguments"], found["version"]) == (kind, list(args), version):
                return self.load(found)
        call = ", ".join(repr(argument) for argument in args)
        raise ModelError(f"dbt.{kind}({call}) was not found when the project was parsed")


def connect(job):
    """An empty database in memory in which the inputs are views of their own names."""
    session = duckdb.connect(":memory:")
    known = {row[0] for row in session.execute("select database_name from duckdb_databases()").fetchall()}
    this = job["this"]
    places = [*job["inputs"], this] if this["file"] else job["inputs"]
    for place in [*places, this]:
        if place["database"] not in known:
            session.execute(f"attach ':memory:' as {quoted(place['database'])}")
            known.add(place["database"])
        session.execute(
            f"create schema if not exists {quoted(place['database'])}.{quoted(place['schema'])}"
        )
    for place in places:
        name = ".".join(quoted(place[part]) for part in ("database", "schema", "identifier"))
        session.execute(f"create or replace view {name} as select * from read_parquet({text(place['file'])})")
    session.execute(f"use {quoted(this['database'])}.{quoted(this['schema'])}")
    return session


def write(value, path, session):
    """Writes what the model returned as Parquet."""
    package = type(value).__module__.split(".")[0]
    if duckdb and isinstance(value, duckdb.DuckDBPyRelation):
        value.write_parquet(path)
    elif isinstance(value, Rows):
        with open(value.path, "rb") as rows, open(path, "wb") as out:
            out.write(rows.read())
    elif package == "polars":
        value = value.collect() if hasattr(value, "collect") else value
        value.write_parquet(path)
    elif package == "pandas":
        if duckdb:
            session.from_df(value).write_parquet(path)
        else:
            value.to_parquet(path, index=False)
    elif package == "pyarrow" and duckdb:
        session.from_arrow(value).write_parquet(path)
    elif package == "pyarrow":
        import pyarrow.parquet

        pyarrow.parquet.write_table(value, path)
    else:
        kind = type(value).__name__
        raise ModelError(
            f"the model returned a value of type `{kind}`, which is no data frame, Arrow table or relation"
        )


def run(job):
    session = connect(job) if duckdb else NoSession()
    if duckdb:
        load = lambda found: session.sql(f"select * from read_parquet({text(found['file'])})")
    else:
        load = lambda found: Rows(found["file"])
    module = {"__name__": "model", "__file__": job["path"]}
    # The model may import what lies beside it and in the project.
    sys.path[:0] = [os.getcwd(), os.path.dirname(os.path.abspath(job["path"]))]
    exec(compile(job["code"], job["path"], "exec"), module)
    write(module["model"](Dbt(job, load), session), job["result"], session)


def report(job, failure):
    steps = traceback.extract_tb(failure.__traceback__)
    own = [step for step in steps if step.filename == job["path"]]
    line = own[-1].lineno if own else None
    if isinstance(failure, SyntaxError) and failure.filename == job["path"]:
        line = failure.lineno
    shown = steps[steps.index(own[0]):] if own else []
    package = None
    if isinstance(failure, NeedsPackage):
        package = str(failure)
    elif isinstance(failure, ModuleNotFoundError):
        package = failure.name
    kind = type(failure).__name__
    said = str(failure)
    message = said if isinstance(failure, ModelError) else f"{kind}: {said}" if said else kind
    written = {
        "message": message,
        "line": line,
        "package": package,
        "trace": "\n".join(
            f"{step.filename}:{step.lineno} in {step.name}: {step.line}" for step in shown
        ),
    }
    with open(job["report"], "w", encoding="utf-8") as out:
        json.dump(written, out)


def leave_with_parent():
    """Ends when xform does: its end of the pipe closes."""
    while os.read(0, 1):
        pass
    os._exit(1)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    threading.Thread(target=leave_with_parent, daemon=True).start()
    try:
        run(job)
    except KeyboardInterrupt:
        sys.exit(130)
    except BaseException as failure:
        report(job, failure)
        sys.exit(1)


main()
