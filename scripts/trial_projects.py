"""Projects to try xform on: TPC-H, TPC-DS, generated ones and the example project.

The queries of TPC-H and TPC-DS come with DuckDB's extensions of these names, which are wheels on
PyPI; each query becomes a model over staging models over sources. `environment()` makes the
Python that has them, below `~/.cache/xform/trials` (`XDG_CACHE_HOME` is respected).
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xform" / "trials"
PACKAGES = ["duckdb==1.5.5", "duckdb-extension-tpch==1.5.5", "duckdb-extension-tpcds==1.5.5"]
NAMES = ("example", "generated", "tpch", "tpcds")

PROFILE = """\
trial:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: {path}
      threads: 2
"""


def environment() -> Path:
    """The Python that has DuckDB and its benchmarks; made when it is not there."""
    folder = CACHE / "venv"
    python = folder / "bin" / "python"
    if not (folder / ".complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES], check=True
        )
        (folder / ".complete").touch()
    return python


# Runs in that Python: makes the database and prints queries and columns.
DUMP = """
import duckdb, glob, json, os, sys
kind, path = sys.argv[1:]
package = __import__("duckdb_extension_" + kind)
pattern = os.path.join(os.path.dirname(package.__file__), "**", kind + ".duckdb_extension")
connection = duckdb.connect(path)
connection.execute("load '" + glob.glob(pattern, recursive=True)[0] + "'")
connection.execute({"tpch": "call dbgen(sf=0.01)", "tpcds": "call dsdgen(sf=0)"}[kind])
queries = connection.execute("select query_nr, query from " + kind + "_queries() order by 1").fetchall()
columns = connection.execute(
    "select table_name, column_name, data_type from duckdb_columns() "
    "where schema_name = 'main' and not internal order by table_name, column_index").fetchall()
connection.execute("create schema raw")
for table in sorted({row[0] for row in columns}):
    connection.execute(f"create table raw.{table} as from main.{table}")
    connection.execute(f"drop table main.{table}")
print(json.dumps({"queries": queries, "columns": columns}))
"""


def tpc(kind: str, folder: Path) -> None:
    """The queries of TPC-H or TPC-DS as a project, with a database that has the sources."""
    folder.mkdir(parents=True)
    made = subprocess.run(
        [str(environment()), "-c", DUMP, kind, str(folder / "trial.duckdb")],
        check=True, capture_output=True, text=True, encoding="utf-8",
    )
    dump = json.loads(made.stdout)
    tables: dict[str, list] = {}
    for table, column, data_type in dump["columns"]:
        tables.setdefault(table, []).append((column, data_type))
    (folder / "dbt_project.yml").write_text(
        f"name: {kind}\nprofile: trial\nmodels:\n  {kind}:\n    queries: {{+materialized: table}}\n", "utf-8")
    (folder / "profiles.yml").write_text(PROFILE.format(path="trial.duckdb"), "utf-8")
    staging, queries = folder / "models" / "staging", folder / "models" / "queries"
    staging.mkdir(parents=True)
    queries.mkdir()
    lines = ["sources:", f"  - name: {kind}", "    schema: raw", "    tables:"]
    for table, columns in tables.items():
        lines += [f"      - name: {table}", "        columns:"]
        for column, data_type in columns:
            lines += [f"          - name: {column}", f"            data_type: {data_type}"]
        names = ",\n    ".join(column for column, _ in columns)
        text = f"select\n    {names}\nfrom {{{{ source('{kind}', '{table}') }}}}\n"
        (staging / f"stg_{table}.sql").write_text(text, "utf-8")
    (staging / "sources.yml").write_text("\n".join(lines) + "\n", "utf-8")
    for number, text in dump["queries"]:
        (queries / f"q{number:02}.sql").write_text(as_model(text, tables), "utf-8")


def as_model(text: str, tables) -> str:
    """The query with a CTE for each table that it names, over the staging model."""
    text = text.strip().rstrip(";").strip()
    bare = re.sub(r"'[^']*'", "''", text).lower()
    used = [table for table in tables if re.search(rf"\b{table}\b", bare)]
    ctes = [f"{table} as (select * from {{{{ ref('stg_{table}') }}}})" for table in used]
    head = re.match(r"with\s+(recursive\s+)?", text, re.IGNORECASE)
    if head:
        return f"{head.group(0).strip()} " + ",\n".join(ctes) + ",\n" + text[head.end():] + "\n"
    return "with " + ",\n".join(ctes) + "\n" + text + "\n"


def generated(models: int, folder: Path) -> None:
    """A layered project of that many models (`gen_project.py`)."""
    script = HERE / "gen_project.py"
    subprocess.run([sys.executable, str(script), "--models", str(models), "--out", str(folder)],
                   check=True, stdout=subprocess.DEVNULL)


def example(folder: Path) -> None:
    """The example project of this repository."""
    folder.mkdir(parents=True)
    for name in ("models", "macros", "seeds", "data", "tests", "snapshots"):
        if (HERE.parent / name).is_dir():
            ignore = shutil.ignore_patterns("*.rs", "cases", "cli", "projects", "conformance")
            shutil.copytree(HERE.parent / name, folder / name, ignore=ignore)
    for name in ("project.yml", "profiles.yml"):
        if (HERE.parent / name).exists():
            shutil.copy(HERE.parent / name, folder / name)


def make(name: str, folder: Path, models: int = 100) -> None:
    """The project of that name in a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    if name == "example":
        example(folder)
    elif name == "generated":
        generated(models, folder)
    else:
        tpc(name, folder)
