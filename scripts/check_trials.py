#!/usr/bin/env python3
"""Holds `xform check` against what DuckDB really does, on projects that nobody made for it.

    scripts/check_trials.py [--xform BINARY] [--mutations 200] [--seed 1] [--models 100] [NAME...]

Projects are `example`, `generated`, `tpch` and `tpcds` (see `trial_projects.py`); NAME picks some.

First each is checked as it is and built: nothing may be reported, and the columns that `check`
foresees of every relation must be those in the database, in names, order and types.

Then one thing is spoilt at a time: a name misspelt, a column dropped or renamed upstream or given
another type, an item of a GROUP BY taken away, a branch of a UNION made narrower, an argument
added. Each spoilt project is checked, and then built without checking on a copy of the database.

* A mutation that makes a node fail on DuckDB has to be reported, as an error or a warning: at the line that was spoilt, or
  at a direct consequence, in the same file or in one that stands on it. Otherwise it is missed.
* A mutation that builds must not be reported as an error. Otherwise it is a false alarm.

Prints a line for each project and one for each miss and false alarm; exits with 1 if there is one.
Without `--xform` the binary is the one that `scripts/cargo.sh build` made.
"""

import argparse
import concurrent.futures
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import trial_projects

HERE = Path(__file__).resolve().parent

# Words that are no names of columns, tables or functions.
KEYWORDS = set("""
all and any as asc between by case cast cross date day desc distinct else end escape except exists
extract false first following for from full group having hour in inner intersect interval into is join last
lateral left like limit minute month not null nulls on or order outer over partition preceding qualify
range recursive ref right rollup row rows select source then timestamp true unbounded union unnest using
values when where window with year integer bigint varchar decimal double boolean cube sets grouping
""".split())


@dataclass
class Mutation:
    kind: str
    file: Path
    line: int
    text: str
    what: str


def run(xform: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DBT_", "XFORM_"))}
    return subprocess.run(
        [str(xform), *arguments], cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8"
    )


def checked(xform: Path, folder: Path, *arguments: str) -> dict:
    done = run(xform, folder, "check", "--output", "json", *arguments)
    start = done.stdout.find("{")
    try:
        answer = json.loads(done.stdout[start:]) if start >= 0 else {}
    except ValueError:
        answer = {}
    answer["exit_code"] = done.returncode
    answer["text"] = done.stdout + done.stderr
    return answer


def errors(answer: dict) -> list[dict]:
    return [told for told in answer.get("diagnostics", []) if told["severity"] == "error"]


def place(told: dict) -> tuple[str, int]:
    """File and line."""
    return told.get("path") or "", told.get("line") or 0


def all_places(told: dict) -> list[tuple[str, int]]:
    """The place, and the calls and entries that led there."""
    parts = [told, *(told.get("labels") or []), *(told.get("trace") or [])]
    return [place(part) for part in parts]


# ---- the project as it is


def columns_of(xform: Path, folder: Path) -> dict[str, list]:
    """The columns of every relation of the database, as the database has them."""
    sql = ("select database_name, schema_name, table_name, column_name, data_type from duckdb_columns() "
           "where not internal order by table_oid, column_index")
    done = run(xform, folder, "show", "--quiet", "--limit", "-1", "--output", "json", "--inline", sql)
    found: dict[str, list] = {}
    for row in json.loads(done.stdout)["show"]:
        name = f"{row['database_name']}.{row['schema_name']}.{row['table_name']}"
        found.setdefault(name, []).append([row["column_name"], row["data_type"]])
    return found


def as_it_is(xform: Path, name: str, folder: Path) -> list[str]:
    wrong = []
    answer = checked(xform, folder)
    for told in errors(answer):
        wrong.append(f"{name}: false alarm: {told['severity']} {told['code']} {told['message']} at {place(told)}")
    if answer["exit_code"] != 0 and not wrong:
        wrong.append(f"{name}: check ended with {answer['exit_code']}: {answer['text'][-400:]}")
    built = run(xform, folder, "build", "--no-check")
    if built.returncode != 0:
        wrong.append(f"{name}: the project does not build: {built.stdout[-800:]}")
        return wrong
    manifest = json.loads((folder / "target" / "manifest.json").read_text("utf-8"))
    real = columns_of(xform, folder)
    foreseen = same = 0
    for node in answer.get("nodes", []):
        known = manifest["nodes"].get(node["unique_id"], {})
        relation = ".".join(str(known.get(part)) for part in ("database", "schema", "alias"))
        if relation not in real or not node["are_all"]:
            continue
        foreseen += 1
        expected = [[column["name"], column["data_type"]] for column in node["columns"]]
        if expected == real[relation]:
            same += 1
        else:
            wrong.append(f"{name}: {relation} has {real[relation]}, foreseen was {expected}")
    summary = answer.get("summary", {})
    print(f"{name}: checked {summary.get('checked')}, well {summary.get('well')}, unknown {summary.get('unknown')}; "
          f"columns of {same} of {foreseen} relations foreseen", flush=True)
    return wrong


# ---- spoiling


def code_words(text: str) -> list[re.Match]:
    """Names in the SQL of a template, outside of Jinja, comments and strings."""
    hidden = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
    bare = hidden.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)
    words = re.finditer(r"[^\W\d]\w{3,}", bare)
    return [word for word in words if word.group().lower() not in KEYWORDS]


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def misspelt(word: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(word) - 1)
    return dice.choice([
        word[:at] + word[at + 1:],
        word[:at] + word[at + 1] + word[at] + word[at + 2:],
        word[:at] + "x" + word[at:],
    ])


def misspell(file: Path, text: str, dice: random.Random):
    words = code_words(text)
    if not words:
        return None
    word = dice.choice(words)
    wrong = misspelt(word.group(), dice)
    if wrong == word.group():
        return None
    spoilt = text[:word.start()] + wrong + text[word.end():]
    return Mutation("misspelt", file, line_of(text, word.start()), spoilt, f"{word.group()} → {wrong}")


ITEM = re.compile(r"^\s+(?:[\w.]+|.*\bas\s+\w+),?\s*$")


def select_items(text: str) -> list[int]:
    """Lines that seem to be one item of a select list, in a list of several."""
    lines = text.split("\n")
    found = []
    for at, line in enumerate(lines):
        near = lines[max(0, at - 1):at] + lines[at + 1:at + 2]
        if ITEM.match(line) and any(ITEM.match(other) for other in near) and "{" not in line:
            found.append(at)
    return found


def drop(file: Path, text: str, dice: random.Random):
    items = select_items(text)
    if not items:
        return None
    at = dice.choice(items)
    lines = text.split("\n")
    taken = lines.pop(at)
    if not taken.rstrip().endswith(",") and at > 0:
        lines[at - 1] = lines[at - 1].rstrip().rstrip(",")
    return Mutation("dropped", file, at + 1, "\n".join(lines), taken.strip())


def rename(file: Path, text: str, dice: random.Random):
    items = [at for at in select_items(text) if re.search(r"\bas\s+\w+,?\s*$", text.split("\n")[at])]
    lines = text.split("\n")
    plain = [at for at in select_items(text) if re.match(r"^\s+\w+,?\s*$", lines[at])]
    if items and (not plain or dice.random() < 0.5):
        at = dice.choice(items)
        lines[at] = re.sub(r"(\bas\s+\w+)(,?\s*)$", r"\1_renamed\2", lines[at])
    elif plain:
        at = dice.choice(plain)
        lines[at] = re.sub(r"(\w+)(,?\s*)$", r"\1 as \1_renamed\2", lines[at])
    else:
        return None
    return Mutation("renamed", file, at + 1, "\n".join(lines), lines[at].strip())


def retype(file: Path, text: str, dice: random.Random):
    lines = text.split("\n")
    plain = [at for at in select_items(text) if re.match(r"^\s+\w+,?\s*$", lines[at])]
    if not plain:
        return None
    at = dice.choice(plain)
    to = dice.choice(["varchar", "date", "integer[]", "struct(a integer)", "boolean", "interval"])
    lines[at] = re.sub(r"(\w+)(,?\s*)$", rf"try_cast(\1 as {to}) as \1\2", lines[at])
    return Mutation("retyped", file, at + 1, "\n".join(lines), lines[at].strip())


def ungroup(file: Path, text: str, dice: random.Random):
    groups = list(re.finditer(r"group\s+by\s+([^\n,(){}]+),\s*", text, re.IGNORECASE))
    if not groups:
        return None
    group = dice.choice(groups)
    spoilt = text[:group.start(1)] + text[group.end():]
    return Mutation("ungrouped", file, line_of(text, group.start(1)), spoilt, group.group(1).strip())


def narrow(file: Path, text: str, dice: random.Random):
    unions = list(re.finditer(r"\bunion(?:\s+all)?\s+select\s+([\w.]+\s*,\s*)", text, re.IGNORECASE))
    if not unions:
        return None
    union = dice.choice(unions)
    spoilt = text[:union.start(1)] + text[union.end(1):]
    return Mutation("narrowed", file, line_of(text, union.start(1)), spoilt, union.group(1).strip())


def add_argument(file: Path, text: str, dice: random.Random):
    calls = list(re.finditer(r"\b(sum|avg|coalesce|round|lower|upper|date_trunc|substring|min|max|abs)\((?=[\w'])", text, re.IGNORECASE))
    if not calls:
        return None
    call = dice.choice(calls)
    more = dice.choice(["[1], ", "date '2024-01-01', 1, 2, ", "{'a': 1}, "])
    spoilt = text[:call.end()] + more + text[call.end():]
    return Mutation("argument", file, line_of(text, call.start()), spoilt, f"{call.group()}{more}")


def aggregate_in_where(file: Path, text: str, dice: random.Random):
    wheres = [found for found in re.finditer(r"\bwhere\s+(?=\w)", text, re.IGNORECASE)]
    if not wheres:
        return None
    where = dice.choice(wheres)
    spoilt = text[:where.end()] + "count(*) > 1 and " + text[where.end():]
    return Mutation("misplaced", file, line_of(text, where.start()), spoilt, "count(*) in where")


KINDS = [misspell, misspell, misspell, drop, drop, rename, rename, retype, retype, ungroup, narrow, add_argument, aggregate_in_where]


def mutations(folder: Path, count: int, dice: random.Random) -> list[Mutation]:
    files = sorted((folder / "models").rglob("*.sql"))
    found, seen, tries = [], set(), 0
    while len(found) < count and tries < count * 60:
        tries += 1
        file = dice.choice(files)
        text = file.read_text("utf-8")
        mutation = dice.choice(KINDS)(file.relative_to(folder), text, dice)
        if mutation and mutation.text != text and (mutation.file, mutation.text) not in seen:
            seen.add((mutation.file, mutation.text))
            found.append(mutation)
    return found


# ---- one mutation


@dataclass
class Verdict:
    mutation: Mutation
    fails: list[str]
    told: list[dict]
    wrong: str | None
    is_exact: bool


def downstream(manifest: dict, file: Path) -> set[str]:
    """The files that stand on a file, and the file itself."""
    start = [key for key, node in manifest["nodes"].items() if node["original_file_path"] == file.as_posix()]
    seen, left = set(start), list(start)
    while left:
        for child in manifest["child_map"].get(left.pop(), []):
            if child not in seen:
                seen.add(child)
                left.append(child)
    known = {**manifest["nodes"], **manifest.get("unit_tests", {}), **manifest.get("exposures", {})}
    return {known[key]["original_file_path"] for key in seen if key in known} | {file.as_posix()}


def tried(xform: Path, project: Path, manifest: dict, mutation: Mutation, scratch: Path, number: int) -> Verdict:
    folder = scratch / f"m{number}"
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns("target", "logs"))
    database = project / "target" / "jangteo.duckdb"
    if database.exists():
        (folder / "target").mkdir()
        shutil.copy(database, folder / "target" / database.name)
    (folder / mutation.file).write_text(mutation.text, "utf-8")
    answer = checked(xform, folder)
    told = answer.get("diagnostics", [])
    built = run(xform, folder, "build", "--no-check", "--select", f"path:{mutation.file.as_posix()}+")
    fails = []
    results = folder / "target" / "run_results.json"
    if results.exists():
        for result in json.loads(results.read_text("utf-8"))["results"]:
            # A failed data test is about rows.
            if result["status"] == "error":
                fails.append(f"{result['unique_id']}: {(result['message'] or '').strip()[:300]}")
    elif built.returncode != 0:
        fails.append(built.stdout[-300:])
    wrong, is_exact = None, False
    if fails and not told and answer["exit_code"] != 2:
        wrong = "missed"
    elif fails and answer["exit_code"] != 2:
        files = downstream(manifest, mutation.file)
        places = [spot for one in told for spot in all_places(one)]
        is_exact = any(path == mutation.file.as_posix() and line == mutation.line for path, line in places)
        if not any(path in files for path, _ in places):
            wrong = "reported elsewhere"
    elif not fails and errors(answer):
        wrong = "false alarm"
    shutil.rmtree(folder, ignore_errors=True)
    return Verdict(mutation, fails, told, wrong, is_exact)


def spoil(xform: Path, name: str, folder: Path, count: int, seed: int, jobs: int) -> tuple[list[str], int]:
    dice = random.Random(f"{name} {seed}")
    manifest = json.loads((folder / "target" / "manifest.json").read_text("utf-8"))
    wrong, failing, exact = [], 0, 0
    with tempfile.TemporaryDirectory(prefix="xform-trials-") as scratch:
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            tasks = [
                pool.submit(tried, xform, folder, manifest, mutation, Path(scratch), number)
                for number, mutation in enumerate(mutations(folder, count, dice))
            ]
            for task in tasks:
                verdict = task.result()
                failing += bool(verdict.fails)
                exact += verdict.is_exact
                if verdict.wrong:
                    mutation = verdict.mutation
                    said = "; ".join(f"{one['code']} {one['message']} at {place(one)}" for one in verdict.told[:3])
                    wrong.append(f"{name}: {verdict.wrong}: {mutation.kind} {mutation.file}:{mutation.line} "
                                 f"({mutation.what})\n    DuckDB: {verdict.fails[:2]}\n    check: {said}")
    found = failing - sum(": missed" in line or ": reported elsewhere" in line for line in wrong)
    print(f"{name}: {len(tasks)} mutations, {failing} make the build fail, {found} of these reported "
          f"({exact} at the very line), {len(tasks) - failing} build, "
          f"{sum(': false alarm' in line for line in wrong)} false alarms", flush=True)
    return wrong, len(tasks)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(trial_projects.NAMES))
    parser.add_argument("--xform", type=Path)
    parser.add_argument("--mutations", type=int, default=200, help="in all, shared by the projects")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--models", type=int, default=100, help="models of the generated project")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    options = parser.parse_args()
    target = Path(os.environ.get("CARGO_TARGET_DIR") or HERE.parent / "target")
    xform = (options.xform or target / "debug" / "xform").resolve()
    names = options.names or list(trial_projects.NAMES)
    wrong = []
    with tempfile.TemporaryDirectory(prefix="xform-trials-") as scratch:
        for name in names:
            folder = Path(scratch) / name
            trial_projects.make(name, folder, options.models)
            found = as_it_is(xform, name, folder)
            if not found:
                more, _ = spoil(xform, name, folder, options.mutations // len(names), options.seed, options.jobs)
                found += more
            wrong += found
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
