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
import queue
import threading
import time
from pathlib import Path

import duckdb


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
        parents: dict[str, set[str]] = {}

        def of(key: str) -> set[str]:
            """What has a statement and is selected from, looking through ephemeral models."""
            if key not in parents:
                parents[key] = set()
                for parent in nodes[key].get("depends_on", {}).get("nodes", []):
                    if parent in self.statements:
                        parents[key].add(parent)
                    elif parent in nodes:
                        parents[key] |= of(parent)
            return parents[key]

        self.waiting = {key: len(of(key)) for key in self.statements}
        self.children: dict[str, list[str]] = {key: [] for key in self.statements}
        for key in self.statements:
            for parent in of(key):
                self.children[parent].append(key)


def run(work: Work, database: str, threads: int) -> tuple[float, dict[str, list[float]]]:
    """Seconds from opening the database to its being closed, and the seconds of each statement by kind."""
    with duckdb.connect(database) as connection:
        for schema in sorted(work.schemas):
            connection.execute("create schema if not exists " + quoted(schema))
    took: dict[str, list[float]] = {}
    ready: queue.SimpleQueue = queue.SimpleQueue()
    lock, left = threading.Lock(), len(work.statements)
    failures: list[BaseException] = []
    began = time.perf_counter()
    connection = duckdb.connect(database)

    def worker() -> None:
        nonlocal left
        cursor = connection.cursor()
        while (key := ready.get()) is not None:
            what, sql = work.statements[key]
            started = time.perf_counter()
            try:
                cursor.execute(sql).fetchall()
            except duckdb.Error as error:
                failures.append(error)
            with lock:
                took.setdefault(what, []).append(time.perf_counter() - started)
                left -= 1
                for child in work.children[key]:
                    work.waiting[child] -= 1
                    if not work.waiting[child]:
                        ready.put(child)
                if not left or failures:
                    for _ in range(threads):
                        ready.put(None)
        cursor.close()

    for key in sorted(key for key, count in work.waiting.items() if not count):
        ready.put(key)
    workers = [threading.Thread(target=worker) for _ in range(threads)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    if failures:
        raise SystemExit(f"a statement failed: {failures[0]}")
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
