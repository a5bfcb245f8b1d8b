#!/usr/bin/env python3
"""Commands on generated projects: time, peak memory, and the floor and dbt-core beside them.

    benches/end_to_end.py --xform BINARY [--dbt PATH] [--models 100,1000,5000] [--runs 5]
                          [--scenarios parse,run] [--json FILE]

Prints a table in Markdown for each size of project: medians of wall time over runs that are taken
in turn (xform, dbt, the floor, xform, …), the peak memory of the process, the floor, and the ratios.
What puts a project into its starting state is not timed.

The floor is what nobody can do without:
* of `parse`, `ls` and of compiling one model, reading and hashing every file of the project;
* of compiling everything, that and writing as many files as are compiled; with the check, also
  DuckDB binding every query once, on one thread;
* of `run` and `build`, the same SQL on the same DuckDB in the order of the graph (`floor.py`).

Use a binary built with `--release` on a machine that does nothing else. `--dbt` takes the `dbt` of
an environment with dbt-core and dbt-duckdb; projects of more than `--dbt-most` models are not given
to it. Needs the Python of `scripts/trial_projects.py`.
"""

import argparse
import concurrent.futures
import dataclasses
import hashlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scripts"))
import check_times  # noqa: E402
import trial_projects  # noqa: E402

DATABASE = "bench.duckdb"


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    says: str
    arguments: tuple[str, ...]
    # Only xform has a check to leave out.
    only_xform: tuple[str, ...] = ()
    begins: str = "unchanged"
    floor: str = "read"


SCENARIOS = [
    Scenario("cold_parse", "parse, for the first time", ("parse",), begins="cold"),
    Scenario("parse", "parse, nothing changed", ("parse",)),
    Scenario("ls", "ls, nothing changed", ("ls",)),
    Scenario("edited_parse", "parse, one model edited", ("parse",), begins="edited"),
    Scenario("compile_one", "compile one model, nothing changed", ("compile", "--select", "{one}")),
    Scenario("edited_compile_one", "compile one model, which was edited", ("compile", "--select", "{one}"), begins="edited"),
    Scenario("compile", "compile all, unchecked", ("compile",), ("--no-check",), "seeded", "write"),
    Scenario("compile_checked", "compile all, checked", ("compile",), (), "seeded", "bind"),
    Scenario("run", "run, 4 threads, unchecked", ("run", "--threads", "4"), ("--no-check",), "seeded", "run"),
    Scenario("run_checked", "run, 4 threads", ("run", "--threads", "4"), (), "seeded", "run"),
    Scenario("build", "build, 4 threads, unchecked", ("build", "--threads", "4"), ("--no-check",), "empty", "build"),
    Scenario("build_checked", "build, 4 threads", ("build", "--threads", "4"), (), "empty", "build"),
]


@dataclasses.dataclass
class Took:
    seconds: float
    cpu: float = 0.0
    mib: float = 0.0


def timed(command: list[str], folder: Path) -> Took:
    """Runs a command, which has to end well."""
    environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1", "NO_COLOR": "1"}
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if status:
            output.seek(0)
            told = output.read().decode("utf-8", "replace")[-2000:]
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{told}")
    # Linux counts in KiB, macOS in bytes.
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Took(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit)


class Project:
    """One tool's copy of a generated project."""

    def __init__(self, folder: Path, tool: list[str], is_xform: bool) -> None:
        self.folder, self.tool, self.is_xform = folder, tool, is_xform
        in_the_middle = sorted((folder / "models" / "intermediate").rglob("*.sql"))
        self.model = in_the_middle[len(in_the_middle) // 2]
        self.edits = 0
        self.call("seed")
        self.seeded = folder.with_suffix(".seeded")
        shutil.copyfile(folder / DATABASE, self.seeded)
        self.call("parse")

    def call(self, *arguments: str) -> Took:
        return timed([*self.tool, *arguments], self.folder)

    def begin(self, state: str) -> None:
        if state == "cold":
            for name in ("target", "logs"):
                shutil.rmtree(self.folder / name, ignore_errors=True)
        elif state == "edited":
            self.edits += 1
            with self.model.open("a", encoding="utf-8") as file:
                file.write(f"-- edit {self.edits}\n")
        elif state in ("seeded", "empty"):
            for name in (DATABASE, DATABASE + ".wal"):
                (self.folder / name).unlink(missing_ok=True)
            if state == "seeded":
                shutil.copyfile(self.seeded, self.folder / DATABASE)
        # What was written before is not to be written to disk in the next one's time.
        os.sync()

    def take(self, scenario: Scenario) -> Took:
        self.begin(scenario.begins)
        arguments = [self.model.stem if word == "{one}" else word for word in scenario.arguments]
        return self.call(*arguments, *(scenario.only_xform if self.is_xform else ()))


class Floors:
    """What is timed beside the tools, over a project that xform has compiled."""

    def __init__(self, project: Project, python: Path) -> None:
        self.project, self.python = project, python
        self.compiled: list[bytes] | None = None

    def take(self, kind: str) -> float:
        if kind == "read":
            return self.read()
        self.compile()
        if kind == "write":
            return self.read() + self.write()
        if kind == "bind":
            xform = Path(self.project.tool[0])
            return self.read() + self.write() + check_times.floor(xform, self.project.folder, 1)
        return self.execute(kind == "build")

    def compile(self) -> None:
        """Once: the manifest of it is kept for `run` and `build`."""
        if self.compiled is None:
            self.project.begin("seeded")
            self.project.call("compile", "--no-check")
            target = self.project.folder / "target"
            self.compiled = [path.read_bytes() for path in (target / "compiled").rglob("*.sql")]
            self.manifest = (target / "manifest.json").read_bytes()

    def read(self) -> float:
        """Finding, reading and hashing every file, outside of what commands leave."""
        folder = self.project.folder

        def digest(path: str) -> bytes:
            with open(path, "rb", buffering=0) as file:
                return hashlib.blake2b(file.read()).digest()

        def some(paths: list[str]) -> int:
            return len([digest(path) for path in paths])

        started = time.perf_counter()
        paths = []
        for base, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if name not in ("target", "logs")]
            paths += [os.path.join(base, name) for name in names if not name.startswith(DATABASE)]
        cores = os.cpu_count() or 1
        with concurrent.futures.ThreadPoolExecutor(cores) as pool:
            list(pool.map(some, [paths[start::cores] for start in range(cores)]))
        return time.perf_counter() - started

    def write(self) -> float:
        with tempfile.TemporaryDirectory(dir=self.project.folder.parent) as folder:
            started = time.perf_counter()
            for number, text in enumerate(self.compiled or []):
                Path(folder, f"{number}.sql").write_bytes(text)
            return time.perf_counter() - started

    def execute(self, is_build: bool) -> float:
        with tempfile.TemporaryDirectory(dir=self.project.folder.parent) as folder:
            manifest = Path(folder, "target", "manifest.json")
            manifest.parent.mkdir()
            manifest.write_bytes(self.manifest)
            (Path(folder) / "seeds").symlink_to(self.project.folder / "seeds")
            if not is_build:
                shutil.copyfile(self.project.seeded, Path(folder, DATABASE))
            os.sync()
            words = [str(self.python), str(HERE / "floor.py"), folder, "--db", str(Path(folder, DATABASE))]
            words += ["--tests", "--seeds"] if is_build else []
            done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)
            return float(done.stdout.split("\n")[0])


def machine(xform: str, dbt: str | None, python: Path) -> list[str]:
    def said(*command: str) -> str:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return " ".join(done.stdout.split())

    processor = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        processor = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
        kib = next(line for line in Path("/proc/meminfo").read_text("utf-8").splitlines() if "MemTotal" in line)
        memory = f"{int(kib.split()[1]) / (1 << 20):.0f} GiB"
    except (OSError, StopIteration):
        memory = "unknown memory"
    duckdb = said(str(python), "-c", "import duckdb; print(duckdb.__version__)")
    facts = [
        f"{os.cpu_count()} cores of {processor}, {memory}, {platform.system()} {platform.release().split('-')[0]}",
        " ".join(said(xform, "--version").split()[:2]),
        f"DuckDB of the floor {duckdb}",
    ]
    if dbt:
        versions = said(dbt, "--version").split()
        facts.append("dbt-core " + versions[versions.index("installed:") + 1])
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > 0.5:
        facts.append(f"NOT quiet: {os.getloadavg()[0]:.1f} processes were running when it began")
    return facts


def measure(count: int, options: argparse.Namespace, scratch: Path, python: Path) -> list[dict]:
    made = scratch / f"made_{count}"
    trial_projects.generated(count, made)
    tools = {"xform": [str(options.xform.resolve())]}
    if options.dbt and count <= options.dbt_most:
        tools["dbt"] = [str(Path(options.dbt).absolute())]
    projects = {}
    for name, tool in tools.items():
        folder = scratch / f"{name}_{count}"
        shutil.copytree(made, folder)
        projects[name] = Project(folder, tool, name == "xform")
    shutil.copytree(made, scratch / f"floor_{count}")
    floors = Floors(Project(scratch / f"floor_{count}", tools["xform"], True), python)
    rows = []
    for scenario in options.scenarios:
        tries: dict[str, list[Took]] = {name: [] for name in [*projects, "floor"]}
        # The first of each is not counted.
        for turn in range(-1, options.runs):
            takes: dict[str, Callable[[], Took]] = {
                name: (lambda project=project: project.take(scenario)) for name, project in projects.items()
            }
            takes["floor"] = lambda: Took(floors.take(scenario.floor))
            for name, take in takes.items():
                if name == "dbt" and turn >= options.dbt_runs:
                    continue
                took = take()
                if turn >= 0:
                    tries[name].append(took)
        row = {"models": count, "scenario": scenario.name, "says": scenario.says}
        for name, runs in tries.items():
            for key in ("seconds", "cpu", "mib"):
                row[f"{name}_{key}"] = round(statistics.median(getattr(took, key) for took in runs), 4)
            row[f"{name}_all"] = [round(took.seconds, 4) for took in runs]
        rows.append(row)
        print(f"{count} {scenario.name}: {row['xform_seconds']} s", file=sys.stderr)
    for name in [*projects, "floor", "made"]:
        shutil.rmtree(scratch / f"{name}_{count}")
    return rows


def seconds(value: float) -> str:
    return f"{value:.3f} s" if value < 1 else f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def table(rows: list[dict]) -> str:
    has_dbt = any("dbt_seconds" in row for row in rows)
    head = ["work", "xform", "peak", "floor", "of the floor"] + (["dbt", "peak", "of dbt"] if has_dbt else [])
    lines = ["| " + " | ".join(head) + " |", "|---|" + "--:|" * (len(head) - 1)]
    for row in rows:
        cells = [
            row["says"], seconds(row["xform_seconds"]), f"{row['xform_mib']:.0f} MiB", seconds(row["floor_seconds"]),
            f"{row['xform_seconds'] / row['floor_seconds']:.2f} ×",
        ]
        if "dbt_seconds" in row:
            ratio = row["dbt_seconds"] / row["xform_seconds"]
            cells += [seconds(row["dbt_seconds"]), f"{row['dbt_mib']:.0f} MiB", f"1/{ratio:.0f}" if ratio > 2 else f"{1 / ratio:.2f} ×"]
        elif has_dbt:
            cells += ["–"] * 3
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--xform", type=Path, required=True)
    parser.add_argument("--dbt", help="the `dbt` of an environment with dbt-core and dbt-duckdb")
    parser.add_argument("--dbt-most", type=int, default=1000, metavar="N", help="largest project for dbt (1000)")
    parser.add_argument("--dbt-runs", type=int, default=3, metavar="N", help="runs of dbt, which take long (3)")
    parser.add_argument("--models", default="100,1000,5000")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--scenarios", help="names of some of: " + ", ".join(one.name for one in SCENARIOS))
    parser.add_argument("--scratch", type=Path, help="a folder for the projects, in place of the temporary one")
    parser.add_argument("--json", type=Path, help="also write all figures here")
    options = parser.parse_args()
    wanted = options.scenarios.split(",") if options.scenarios else [one.name for one in SCENARIOS]
    unknown = set(wanted) - {one.name for one in SCENARIOS}
    if unknown:
        parser.error(f"there is no scenario {', '.join(sorted(unknown))}")
    options.scenarios = [one for one in SCENARIOS if one.name in wanted]
    python = trial_projects.environment()
    facts = machine(str(options.xform), options.dbt, python)
    print("\n".join(f"- {fact}" for fact in facts))
    found = []
    with tempfile.TemporaryDirectory(prefix="xform-bench-", dir=options.scratch) as scratch:
        for count in map(int, options.models.split(",")):
            rows = measure(count, options, Path(scratch).resolve(), python)
            print(f"\n{count:,} models, medians of {options.runs} runs\n\n{table(rows)}", flush=True)
            found += rows
    if options.json:
        options.json.write_text(json.dumps({"machine": facts, "rows": found}, indent=1, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main()
