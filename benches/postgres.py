#!/usr/bin/env python3
"""Times `build` on Postgres beside the same SQL sent straight to the server.

    benches/postgres.py --xform BINARY [--models 300] [--threads 4] [--rounds 7] [--apart]

With `--apart` the server has one core and the client another, as where they are two machines; otherwise they
take the cores from each other. (The server has to be on this machine, and ours.)

Needs `XFORM_TEST_POSTGRES_URI` (scripts/services/postgres.sh) and psycopg2-binary. A project is generated;
what `build` sends for its seeds, models and tests is made into the floor: the statements of each node as
they stand in target/run and target/compiled, in the order of the graph, over as many connections as there are
threads, each node in one transaction, from an empty database each time. Builds and floors take turns; the
medians with the median ratio of the pairs, and the fastest of each, are printed. The process of xform is
counted whole, that of the floor without starting Python.
"""

import argparse
import atexit
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2

from graph_order import GraphOrder

ROOT = Path(__file__).resolve().parent.parent


def parts(uri: str) -> dict[str, str]:
    found = re.fullmatch(r"postgresql://(\w+):(\w+)@([\w.]+):(\d+)/(\w+)", uri)
    if not found:
        raise SystemExit("XFORM_TEST_POSTGRES_URI is not postgresql://user:password@host:port/database")
    return dict(zip(("user", "password", "host", "port", "dbname"), found.groups()))


def connect(place: dict[str, str]):
    return psycopg2.connect(**place)


def clear(place: dict[str, str]) -> None:
    connection = connect(place)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("select nspname from pg_namespace where nspname like 'bench%'")
        for (schema,) in cursor.fetchall():
            cursor.execute(f'drop schema "{schema}" cascade')
    connection.close()


def keep_apart(place: dict[str, str]) -> None:
    """Gives the server one core, and this process with its children another."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise SystemExit("--apart needs two cores")
    connection = connect(place)
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        backend = cursor.fetchone()[0]

    def parent(process: int) -> int:
        return int(Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[1])

    try:
        server = parent(backend)
        processes = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
        for process in [server, *(one for one in processes if parent(one) == server)]:
            os.sched_setaffinity(process, cores[:1])
    except OSError as error:
        raise SystemExit(f"--apart needs a server on this machine that we may move: {error}")
    os.sched_setaffinity(0, cores[1:2])
    connection.close()
    # Sessions to come are children of the server.
    atexit.register(os.sched_setaffinity, server, cores)


class Work:
    """The statements of each node, and which wait for which."""

    def __init__(self, project: Path) -> None:
        manifest = json.loads((project / "target" / "manifest.json").read_text("utf-8"))
        nodes = manifest["nodes"]
        self.schemas: set[str] = set()
        self.statements: dict[str, tuple[str, str]] = {}
        for key, node in nodes.items():
            kind, form = node["resource_type"], node["config"].get("materialized")
            place = f'"{node["schema"]}"."{node["alias"]}"'
            if kind == "seed":
                self.schemas.add(node["schema"])
                create = (project / "target" / "run" / node["package_name"] / node["original_file_path"]).read_text()
                self.statements[key] = ("seed", create + "\0" + place + "\0" + str(project / node["original_file_path"]))
            elif kind == "model" and form != "ephemeral":
                self.schemas.add(node["schema"])
                what = "view" if form == "view" else "table"
                self.statements[key] = ("model", f"create {what} {place} as\n{node['compiled_code']}")
            elif kind == "test":
                sql = node["compiled_code"]
                statement = f"select count(*), count(*) != 0, count(*) != 0 from (\n{sql}\n) as failures"
                self.statements[key] = ("test", statement)
        # Nothing waits for a test, as `build` does: the floor is lower for it.
        self.order = GraphOrder(nodes, self.statements)


def floor(work: Work, place: dict[str, str], threads: int) -> float:
    clear(place)
    connection = connect(place)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for schema in sorted(work.schemas):
            cursor.execute(f'create schema if not exists "{schema}"')
    connection.close()
    began = time.perf_counter()

    @contextmanager
    def session() -> Iterator[Callable[[str], None]]:
        connection = connect(place)
        cursor = connection.cursor()

        def do(key: str) -> None:
            what, sql = work.statements[key]
            if what == "seed":
                create, relation, path = sql.split("\0")
                cursor.execute(create)
                with open(path, encoding="utf-8") as file:
                    cursor.copy_expert(f"copy {relation} from stdin (format csv, header)", file)
            else:
                cursor.execute(sql)
                if what == "test":
                    cursor.fetchall()
            connection.commit()

        yield do
        connection.close()

    failures = work.order.run(threads, session, psycopg2.Error)
    if failures:
        raise SystemExit(f"{failures[0][0]} failed: {failures[0][1]}")
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--xform", required=True, type=lambda text: Path(shutil.which(text) or text).resolve())
    parser.add_argument("--models", type=int, default=300)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--apart", action="store_true")
    options = parser.parse_args()
    place = parts(os.environ["XFORM_TEST_POSTGRES_URI"])
    if options.apart:
        keep_apart(place)
    project = Path(tempfile.mkdtemp()) / "project"
    generate = [sys.executable, ROOT / "scripts" / "gen_project.py", "--models", str(options.models), "--out", project]
    subprocess.run(generate, check=True, stdout=subprocess.DEVNULL)
    # The macros are generated in DuckDB's words.
    for macro in (project / "macros").glob("*.sql"):
        text = macro.read_text("utf-8").replace("as double) / 100.0", "as decimal(18, 2)) / 100.0")
        macro.write_text(text.replace("interval 300 day", "interval '300 days'"), "utf-8")
    output = json.dumps({"type": "postgres", "schema": "bench", "threads": options.threads, **place})
    name = re.search(r"^profile: *['\"]?(\w+)", (project / "dbt_project.yml").read_text(), re.MULTILINE)[1]
    (project / "profiles.yml").write_text(f"{name}: {{target: dev, outputs: {{dev: {output}}}}}\n")

    def build() -> float:
        clear(place)
        # To a file: who reads a pipe takes a share of the cores.
        output = project.parent / "output"
        command = [options.xform, "build", "--threads", str(options.threads)]
        with output.open("w") as file:
            began = time.perf_counter()
            ran = subprocess.run(command, cwd=project, stdout=file, stderr=subprocess.STDOUT)
            took = time.perf_counter() - began
        if ran.returncode != 0:
            raise SystemExit(output.read_text("utf-8")[-3000:])
        return took

    build()
    work = Work(project)
    count = {what: sum(1 for found, _ in work.statements.values() if found == what) for what in ("seed", "model", "test")}
    print(f"{count['seed']} seeds, {count['model']} models, {count['test']} tests, {options.threads} threads")
    builds, floors = [], []
    for _ in range(options.rounds):
        floors.append(floor(work, place, options.threads))
        builds.append(build())
        print(f"  floor {floors[-1]:.3f} s, build {builds[-1]:.3f} s: {builds[-1] / floors[-1]:.2f}", flush=True)
    clear(place)
    ratio = statistics.median(one / other for one, other in zip(builds, floors))
    print(f"floor {statistics.median(floors):.3f} s, build {statistics.median(builds):.3f} s, ratio {ratio:.2f}")
    # What the machine's other work disturbed least.
    low, high = min(floors), min(builds)
    print(f"fastest floor {low:.3f} s, fastest build {high:.3f} s, ratio {high / low:.2f}")
    shutil.rmtree(project.parent)


if __name__ == "__main__":
    main()
