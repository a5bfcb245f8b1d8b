#!/usr/bin/env python3
"""How long `xform check` takes on a generated project, beside what DuckDB alone needs.

    benches/check_times.py --xform BINARY [--models 1000] [--runs 5]

Prints medians of wall time, and peak memory, of

* `cold`: no target folder, so that everything is read, rendered, bound and analyzed;
* `edited`: the same after a comment was added to one model;
* `warm`: again, nothing changed;

and, as the floor, the time in which DuckDB binds the same compiled SQL one after another with
nothing around it (`DESCRIBE` and an empty table for each model, one thread), with the ratio to it.
Needs the Python of `scripts/trial_projects.py`; use a binary built with `--release`.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))
import trial_projects  # noqa: E402

FLOOR = """
import duckdb, json, sys, time
seeds, models = json.load(open(sys.argv[1]))
connection = duckdb.connect()
connection.execute("attach ':memory:' as bench; create schema if not exists bench.main; use bench")
for name, path in seeds:
    connection.execute(f"create table {name} as from read_csv('{path}') limit 0")
for name, _ in models:
    if name.count(".") == 2:
        connection.execute("create schema if not exists " + name.rsplit(".", 1)[0])
started = time.perf_counter()
for name, sql in models:
    columns = connection.execute("describe " + sql).fetchall()
    listed = ", ".join(f'"{column[0]}" {column[1]}' for column in columns)
    connection.execute(f"create table {name} ({listed})")
print(time.perf_counter() - started)
"""


def timed(command: list[str], folder: Path) -> tuple[float, float]:
    """Seconds and peak MiB of a command, which has to end well."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {status}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def floor(xform: Path, folder: Path, runs: int) -> float:
    subprocess.run([str(xform), "compile", "--no-check", "--quiet"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    manifest = json.loads((folder / "target" / "manifest.json").read_text("utf-8"))
    nodes, done, models = manifest["nodes"], set(), []

    def visit(key: str) -> None:
        if key in done or key not in nodes:
            return
        done.add(key)
        for parent in nodes[key].get("depends_on", {}).get("nodes", []):
            visit(parent)
        if key.startswith("model.") and nodes[key].get("compiled_code"):
            models.append([nodes[key]["relation_name"] or nodes[key]["alias"], nodes[key]["compiled_code"]])

    sys.setrecursionlimit(100_000)
    for key in nodes:
        visit(key)
    seeds = [
        [node["relation_name"], str(folder / node["original_file_path"])]
        for key, node in nodes.items() if key.startswith("seed.")
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
        json.dump([seeds, models], file)
    times = [
        float(subprocess.run([str(trial_projects.environment()), "-c", FLOOR, file.name],
                             check=True, stdout=subprocess.PIPE, text=True).stdout)
        for _ in range(runs)
    ]
    os.unlink(file.name)
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--xform", type=Path, required=True)
    parser.add_argument("--models", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    xform = str(options.xform.resolve())
    with tempfile.TemporaryDirectory(prefix="xform-bench-") as scratch:
        folder = Path(scratch) / "project"
        trial_projects.generated(options.models, folder)
        least = floor(Path(xform), folder, options.runs)
        shutil.rmtree(folder / "target", ignore_errors=True)
        model = sorted((folder / "models").rglob("*.sql"))[0]
        found: dict[str, list] = {"cold": [], "edited": [], "warm": []}
        for run in range(options.runs):
            shutil.rmtree(folder / "target", ignore_errors=True)
            found["cold"].append(timed([xform, "check"], folder))
            model.write_text(model.read_text("utf-8") + f"-- {run}\n", "utf-8")
            found["edited"].append(timed([xform, "check"], folder))
            found["warm"].append(timed([xform, "check"], folder))
    print(f"{options.models} models, medians of {options.runs} runs, {os.cpu_count()} cores")
    print(f"{'':8} {'seconds':>8} {'MiB':>6} {'of the floor':>13}")
    print(f"{'floor':8} {least:8.2f}")
    for name, runs in found.items():
        seconds = statistics.median(seconds for seconds, _ in runs)
        memory = statistics.median(memory for _, memory in runs)
        print(f"{name:8} {seconds:8.2f} {memory:6.0f} {seconds / least:12.2f}×")


if __name__ == "__main__":
    main()
