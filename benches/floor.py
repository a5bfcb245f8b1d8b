#!/usr/bin/env python3
"""The least that `run` and `build` on DuckDB can take: the same SQL, and nothing around it.

    benches/floor.py PROJECT --db FILE [--threads 4] [--tests] [--seeds]

PROJECT holds `target/manifest.json` with compiled code, as `compile` leaves it, and FILE the seeds,
unless they are loaded (`--seeds`). The statements of models (and data tests) go through the duckdb
package of this Python in the order of the graph, each as soon as what it selects from is there.
Schemas are made before the clock runs, and reading the manifest and starting Python are not counted;
opening and closing the database are. Prints seconds, and what they went to.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from graph_order import GraphOrder


def quoted(*names: str) -> str:
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


class Work:
    """Statements by node, and which wait for which."""

    def __init__(self, project: Path, tests: bool, seeds: bool) -> None:
        nodes = json.loads((project / "target" / "manifest.json").read_text("utf-8"))["nodes"]
        self.statements: dict[str, tuple[str, str]] = {}
        self.schemas: set[str] = set()
        for key, node in nodes.items():
            kind, form = node["resource_type"], node["config"].get("materialized")
            place = quoted(node["schema"], node["alias"])
            if kind == "model" and form != "ephemeral":
                what = "view" if form == "view" else "table"
                sql = f"create or replace {what} {place} as\n{node['compiled_code']}"
            elif kind == "seed" and seeds:
                file = str(project / node["original_file_path"]).replace("'", "''")
                what, sql = "seed", f"create or replace table {place} as from read_csv('{file}')"
            elif kind == "test" and tests:
                what, sql = "test", f"select count(*) from (\n{node['compiled_code']}\n) as failures"
            else:
                continue
            if what != "test":
                self.schemas.add(node["schema"])
            self.statements[key] = (what, sql)
        self.order = GraphOrder(nodes, self.statements)


def run(work: Work, database: str, threads: int) -> tuple[float, dict[str, list[float]]]:
    """Seconds from opening the database to its being closed, and the seconds of each statement by kind."""
    with duckdb.connect(database) as connection:
        for schema in sorted(work.schemas):
            connection.execute("create schema if not exists " + quoted(schema))
    took: dict[str, list[float]] = {}
    began = time.perf_counter()
    connection = duckdb.connect(database)

    @contextmanager
    def session() -> Iterator[Callable[[str], None]]:
        cursor = connection.cursor()

        def do(key: str) -> None:
            what, sql = work.statements[key]
            started = time.perf_counter()
            cursor.execute(sql).fetchall()
            took.setdefault(what, []).append(time.perf_counter() - started)

        yield do
        cursor.close()

    failures = work.order.run(threads, session, duckdb.Error)
    if failures:
        raise SystemExit(f"a statement failed: {failures[0][1]}")
    closing = time.perf_counter()
    connection.close()
    ended = time.perf_counter()
    took["close"] = [ended - closing]
    return ended - began, took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("project", type=Path)
    parser.add_argument("--db", required=True)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--tests", action="store_true")
    parser.add_argument("--seeds", action="store_true")
    options = parser.parse_args()
    seconds, took = run(Work(options.project, options.tests, options.seeds), options.db, options.threads)
    print(f"{seconds:.3f}")
    for what, times in sorted(took.items()):
        print(f"  {what}: {len(times)} in {sum(times):.3f} s")


if __name__ == "__main__":
    main()
