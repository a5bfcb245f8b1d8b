#!/usr/bin/env python3
"""Builds real dbt projects with xform and with dbt, and tells where they differ.

    scripts/compare_with_dbt.py [--xform BINARY] [--venv FOLDER] [--project FOLDER]... [NAME...]

The projects are ones that packages on PyPI carry; `--project` adds a folder of your own, and
NAME picks from them. Each is built by both tools, into a DuckDB file of its own, and these
must be the same: the nodes with a result and their statuses, counts of failures and compiled
SQL (white space apart); what the manifest says of every node; the relations, their columns,
their numbers of rows and `bit_xor(hash(row))`.

Prints a line for each project and, below it, what differs. Exits with 1 if anything does.

Needs Python 3.11 and, the first time, the network: dbt and the packages with the projects go
to `~/.cache/xform/compare` (`XDG_CACHE_HOME` is respected). dbt's answers are kept there,
too, for as long as a project stays as it is; `--fresh` asks dbt again. Without `--xform`
the binary is the one that `scripts/cargo.sh build` made.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

DBT = ["dbt-core==1.12.6", "dbt-duckdb==1.11.1"]
DUCKDB = "duckdb==1.5.5"
SOURCES = ["dagster-dbt==0.29.27", "dbt-osmosis==1.5.0"]
WHEELS = ["dbt-metricflow==0.15.0"]

# The sections of the manifest that are compared, with all that their entries say but this.
SECTIONS = (
    "nodes", "sources", "exposures", "unit_tests", "functions", "groups", "semantic_models", "metrics",
    "saved_queries", "docs", "disabled", "parent_map", "child_map", "group_map", "selectors",
)
# Not kept at all: the results tell of the compiled code, the rest is of the one run.
LEFT_OUT = {"raw_code", "compiled_code", "extra_ctes", "created_at", "root_path"}

# To be counted up when what is kept of dbt's answers changes.
ANSWERS = "3"

# Asked for by projects of dagster-dbt: the name of the database.
VARIABLES = {"DAGSTER_DBT_PYTEST_XDIST_DUCKDB_DBFILE_NAME": "warehouse"}

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xform" / "compare"


# ---- what is needed


def run(command: list, **options) -> subprocess.CompletedProcess:
    return subprocess.run([str(part) for part in command], check=True, **options)


def make_venv(folder: Path) -> Path:
    """The Python of a virtual environment that has dbt."""
    python = folder / "bin" / "python"
    wanted = " ".join([*DBT, DUCKDB])
    mark = folder / "made-of"
    if python.exists() and (not folder.is_relative_to(CACHE) or (mark.exists() and mark.read_text() == wanted)):
        return python
    print(f"installing dbt in {folder}", file=sys.stderr)
    run([sys.executable, "-m", "venv", folder])
    # dbt-core names a parser whose source package downloads a binary; dbt runs without it.
    run([python, "-m", "pip", "install", "-q", "--no-deps", *DBT])
    listing = (
        "from importlib.metadata import requires\n"
        "for name in ('dbt-core', 'dbt-duckdb'):\n"
        "    for need in requires(name) or []:\n"
        "        if 'extra ==' not in need and not need.startswith('dbt-core'): print(need)\n"
    )
    needs = run([python, "-c", listing], capture_output=True, text=True).stdout.split("\n")
    run([python, "-m", "pip", "install", "-q", DUCKDB, *[need for need in needs if need]])
    mark.write_text(wanted)
    return python


def download(python: Path) -> Path:
    """The folder of the unpacked packages with projects."""
    folder = CACHE / "packages"
    mark = folder / "made-of"
    wanted = " ".join([*SOURCES, *WHEELS])
    if mark.exists() and mark.read_text() == wanted:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pip = [python, "-m", "pip", "download", "-q", "--no-deps", "-d", folder]
    run([*pip, "--no-binary", ":all:", *SOURCES])
    run([*pip, *WHEELS])
    for archive in sorted(folder.iterdir()):
        if archive.name.endswith(".tar.gz"):
            with tarfile.open(archive) as tar:
                tar.extractall(folder, filter="data")
        elif archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                wheel.extractall(folder / archive.name.split("-")[0])
    mark.write_text(wanted)
    return folder


def find_xform(given: str | None) -> Path:
    if given:
        return Path(shutil.which(given) or given).resolve()
    target = os.environ.get("CARGO_TARGET_DIR") or CACHE.parent / "target"
    return Path(target) / "debug" / "xform"


# ---- the projects: each a function that lays it out in a new folder


def copy(source: Path, to: Path) -> None:
    left_out = shutil.ignore_patterns("target", "logs", "profiles.yml", "__pycache__", "*.duckdb", "*.py", ".user.yml")
    shutil.copytree(source, to, ignore=left_out, dirs_exist_ok=True)


def dagster(packages: Path, folder: Path, to: Path) -> None:
    """A project of dagster-dbt's tests, with what lies around it."""
    copy(folder, to)
    if folder.name == "test_dagster_dbt_dependencies":
        copy(folder.parent / "jaffle_shop", to.parent / "jaffle_shop")
    if folder.name == "test_dagster_metadata":
        copy(next(packages.glob("dagster_dbt-*/dbt_packages/dagster")), to / "local" / "dagster")
        (to / "packages.yml").write_text("packages:\n  - local: local/dagster\n")
    if folder.name == "test_dagster_asset_checks":
        shutil.copy(folder / "raw_customers.csv", to / "seeds" / "raw_customers.csv")
    if folder.name == "test_dagster_dbt_semantic_models":
        # Its calendar comes from a package that is not on PyPI.
        (to / "packages.yml").unlink()
        (to / "models" / "metricflow_time_spine.sql").write_text(
            "select cast(range as date) as date_day\n"
            "from range(date '2020-01-01', date '2021-01-01', interval 1 day)\n"
        )


def metricflow(packages: Path, to: Path) -> None:
    cli = packages / "dbt_metricflow" / "dbt_metricflow" / "cli"
    copy(cli / "mf_tutorial_project", to)
    copy(cli / "sample_dbt_models" / "sample_models", to / "models" / "sample_model")
    copy(cli / "sample_dbt_models" / "seeds", to / "seeds")
    sources = (cli / "sample_dbt_models" / "sources.yml").read_text()
    (to / "models" / "sample_model" / "sources.yml").write_text(sources.replace("$system_schema", "main"))


def starter(python: Path, to: Path) -> None:
    """What `dbt init` makes, made by dbt."""
    home = to.parent / "init"
    home.mkdir()
    command = [python.parent / "dbt", "init", "starter", "--skip-profile-setup", "--profiles-dir", home]
    run(command, cwd=home, capture_output=True)
    copy(home / "starter", to)


def all_projects(packages: Path, python: Path, own: list[str]) -> dict:
    projects = {}
    for file in sorted(packages.glob("dagster_dbt-*/dagster_dbt_tests/dbt_projects/**/dbt_project.yml")):
        name = "jaffle_fusion" if file.parent.parent.name == "fusion_compatible" else file.parent.name
        projects[name] = lambda to, folder=file.parent: dagster(packages, folder, to)
    projects["mf_tutorial"] = lambda to: metricflow(packages, to)
    projects["osmosis_demo"] = lambda to: copy(next(packages.glob("dbt_osmosis-*/demo_duckdb")), to)
    projects["starter"] = lambda to: starter(python, to)
    for folder in own:
        projects[Path(folder).resolve().name] = lambda to, folder=folder: copy(Path(folder), to)
    return projects


def lay_out(place: Path, prepare) -> Path:
    """A new copy of a project, with a profile beside it; the project's folder."""
    shutil.rmtree(place, ignore_errors=True)
    project = place / "project"
    place.mkdir(parents=True)
    prepare(project)
    text = (project / "dbt_project.yml").read_text()
    profile = re.search(r"^profile:\s*[\"']?([^\"'\n#]+)", text, re.M)
    (place / "profiles.yml").write_text(
        f"{profile[1].strip() if profile else 'default'}:\n  target: dev\n  outputs:\n"
        "    dev: {type: duckdb, path: ../warehouse.duckdb, threads: 4}\n"
    )
    return project


def fingerprint(place: Path) -> str:
    digest = hashlib.sha256(" ".join([*DBT, DUCKDB, ANSWERS]).encode())
    for file in sorted(place.rglob("*")):
        if file.is_file() and "init" not in file.relative_to(place).parts:
            digest.update(str(file.relative_to(place)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


# ---- what a tool made of a project


def build(tool: Path, project: Path, python: Path) -> dict:
    """Runs `build` and reads what it left."""
    environment = dict(os.environ, NO_COLOR="1", DBT_SEND_ANONYMOUS_USAGE_STATS="false", **VARIABLES)
    has_packages = any((project / name).exists() for name in ("packages.yml", "dependencies.yml"))
    for command in ["deps", "build"] if tool.name == "dbt" and has_packages else ["build"]:
        made = subprocess.run(
            [tool, command, "--profiles-dir", project.parent],
            cwd=project, env=environment, capture_output=True, text=True, check=False,
        )
    text = (made.stdout + made.stderr).replace(str(project.parent), "…")
    (project.parent / "output.txt").write_text(text)
    answer = {"exit": made.returncode, "output": text}
    answer.update(read_artifacts(project))
    answer["relations"] = read_database(project.parent / "warehouse.duckdb", python)
    return answer


def read_artifacts(project: Path) -> dict:
    manifest = project / "target" / "manifest.json"
    results = project / "target" / "run_results.json"
    answer = {"manifest": {}, "results": {}}
    if manifest.exists():
        read = json.loads(manifest.read_text())
        for section in SECTIONS:
            for name, entry in (read.get(section) or {}).items():
                if name.startswith("doc.dbt."):
                    # The first page of dbt's documentation site, in dbt's words.
                    continue
                key = name if section in ("nodes", "sources") else f"{section}/{name}"
                entry = entry[0] if section == "disabled" else entry
                answer["manifest"][key] = kept(entry)
    if results.exists():
        for result in json.loads(results.read_text())["results"]:
            code = result.get("compiled_code")
            answer["results"][result["unique_id"]] = {
                "status": result["status"],
                "failures": result["failures"],
                "compiled": " ".join(code.replace(str(project.parent), "…").split()) if code else None,
            }
    return answer


def kept(entry):
    """What is compared of an entry: the order of its edges is free, dbt's own macros are its own."""
    if isinstance(entry, list):
        return sorted(entry)
    if not isinstance(entry, dict):
        return entry
    entry = {field: value for field, value in entry.items() if field not in LEFT_OUT}
    edges = entry.get("depends_on", {})
    edges["macros"] = [name for name in edges.get("macros", []) if not name.startswith("macro.dbt")]
    for names in edges.values():
        names.sort()
    return entry


READER = """
import duckdb, json, sys
found = {}
database = duckdb.connect(sys.argv[1], read_only=True)
# What a snapshot writes down of the moment at which it was made.
moment = ("dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to")
for schema, name, kind in database.execute(
    "select table_schema, table_name, table_type from information_schema.tables order by all"
).fetchall():
    relation = f'"{schema}"."{name}"'
    try:
        columns = [list(row[:2]) for row in database.execute(f"describe {relation}").fetchall()]
        names = [column[0] for column in columns]
        shown = "*"
        if "dbt_updated_at" in names and database.execute(
            f"select max(dbt_updated_at)::timestamp > now()::timestamp - interval 1 day from {relation}"
        ).fetchone()[0]:
            shown = ", ".join(f'"{column}"' for column in names if column not in moment)
        query = f"select count(*), bit_xor(hash(t)) from (select {shown} from {relation}) t"
        rows, sum = database.execute(query).fetchone()
        found[f"{schema}.{name}"] = {"kind": kind, "columns": columns, "rows": rows, "hash": str(sum)}
    except Exception as error:
        found[f"{schema}.{name}"] = {"kind": kind, "error": str(error).splitlines()[0]}
print(json.dumps(found))
"""


def read_database(file: Path, python: Path) -> dict:
    if not file.exists():
        return {}
    made = run([python, "-c", READER, file], cwd=file.parent / "project", capture_output=True, text=True)
    return json.loads(made.stdout)


# ---- what differs


def differences(ours: dict, theirs: dict) -> list[str]:
    found = []
    if ours["exit"] != theirs["exit"]:
        found.append(f"exit code: xform {ours['exit']}, dbt {theirs['exit']}")
    for what in ("results", "relations", "manifest"):
        left, right = ours[what], theirs[what]
        found += [f"{what}: only dbt has {name}" for name in right if name not in left]
        found += [f"{what}: only xform has {name}" for name in left if name not in right]
        for name in (name for name in right if name in left):
            found += differing(f"{what}: {name}", left[name], right[name])
    return found


def differing(place: str, ours, theirs) -> list[str]:
    # Older and newer dbt write what is not there as nothing, null or an empty value.
    if ours == theirs or (not ours and not theirs and not isinstance(ours, bool | int | str)):
        return []
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return [
            line
            for key in sorted({*ours, *theirs})
            for line in differing(f"{place}.{key}", ours.get(key), theirs.get(key))
        ]
    return [f"{place}:\n      xform {json.dumps(ours, ensure_ascii=False)}\n      dbt   {json.dumps(theirs, ensure_ascii=False)}"]


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare xform with dbt on real projects.")
    parser.add_argument("--xform", help="the binary to compare with dbt")
    parser.add_argument("--venv", type=Path, default=CACHE / "venv", help="a virtual environment that has dbt")
    parser.add_argument("--project", action="append", default=[], metavar="FOLDER", help="compare this project, too")
    parser.add_argument("--work", type=Path, default=CACHE / "work", help="where the projects are built")
    parser.add_argument("--fresh", action="store_true", help="ask dbt again, even where its answer is known")
    parser.add_argument("--brief", action="store_true", help="only the table")
    parser.add_argument("names", nargs="*", metavar="NAME", help="the projects to compare; all when none is named")
    arguments = parser.parse_args()

    python = make_venv(arguments.venv)
    xform = find_xform(arguments.xform)
    projects = all_projects(download(python), python, arguments.project)
    if unknown := [name for name in arguments.names if name not in projects]:
        parser.error(f"there is no project {', '.join(unknown)}; there are {', '.join(projects)}")
    differ = 0
    for name in arguments.names or projects:
        project = lay_out(arguments.work / name / "dbt", projects[name])
        known = CACHE / "answers" / f"{fingerprint(project.parent)}.json"
        if arguments.fresh or not known.exists():
            known.parent.mkdir(parents=True, exist_ok=True)
            known.write_text(json.dumps(build(python.parent / "dbt", project, python)))
        theirs = json.loads(known.read_text())
        ours = build(xform, lay_out(arguments.work / name / "xform", projects[name]), python)
        found = differences(ours, theirs)
        differ += bool(found)
        verdict = f"{len(found)} differences" if found else "same"
        counts = f"{len(theirs['results'])} results, {len(theirs['relations'])} relations"
        print(f"{name:55} {counts:30} {verdict}", flush=True)
        if not arguments.brief:
            for line in found:
                print(f"    {line}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
