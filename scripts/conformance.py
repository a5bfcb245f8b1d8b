#!/usr/bin/env python3
"""Runs dbt's adapter tests against xform and compares with what is known to fail.

    scripts/conformance.py [--xform BINARY] [--warehouse NAME] [AREA...]

Prints how many of the tests that the real dbt passes xform passes, by area, and exits with 1
when a test fails that `docs/src/conformance.md` does not list, or when one passes that it
lists. The areas are described in `tests/conformance/areas.md`. Each warehouse has a suite and a
baseline of its own: `duckdb`, or `postgres` on the server that `XFORM_TEST_POSTGRES_URI` names
(`scripts/services/postgres.sh FOLDER` starts one).

Needs Python 3.11 and, the first time, the network: dbt and its tests go into a virtual
environment in `~/.cache/xform-conformance`. Without `--xform` the binary is the one that
`scripts/cargo.sh build` made.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HARNESS = ROOT / "tests" / "conformance"
# The suite of each warehouse and the tests of it that the real dbt passes.
WAREHOUSES = {"duckdb": ("suite", "baseline.txt"), "postgres": ("suite_postgres", "baseline_postgres.txt")}
KNOWN = ROOT / "docs" / "src" / "conformance.md"


def find_xform(given: str | None) -> Path:
    if given:
        return Path(shutil.which(given) or given).resolve()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    target = os.environ.get("CARGO_TARGET_DIR") or cache / "xform" / "target"
    return Path(target) / "debug" / "xform"


def known_failures(suite: str) -> set[str]:
    """The tests that the page names, as `suite/test_x.py::TestY::test_z`."""
    return set(re.findall(rf"`({suite}/[^`]+?::[^`]+?)`", KNOWN.read_text()))


def records(path: Path) -> dict[str, dict]:
    rows = (json.loads(line) for line in path.read_text().splitlines())
    return {row["id"].removeprefix("adapter::"): row for row in rows}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--xform", metavar="BINARY", help="the binary to measure")
    parser.add_argument("--warehouse", choices=sorted(WAREHOUSES), default="duckdb", help="where the tests run")
    parser.add_argument("areas", metavar="AREA", nargs="*", help="only these areas")
    given = parser.parse_args()
    xform = find_xform(given.xform)
    if not xform.exists():
        print(f"there is no binary at {xform}: run `scripts/cargo.sh build`", file=sys.stderr)
        return 2
    suite, baseline_file = WAREHOUSES[given.warehouse]
    ran = subprocess.run(
        [HARNESS / "run.sh", "--warehouse", given.warehouse, xform, *given.areas], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    print(ran.stdout, end="")
    place = re.search(r"^records: (\S+)\s+pytest's output: (\S+)", ran.stderr, re.MULTILINE)
    if ran.returncode != 0 or not place:
        print(ran.stderr, file=sys.stderr, end="")
        return 2
    found = records(Path(place[1]))
    baseline = {line.removeprefix("adapter::") for line in (HARNESS / baseline_file).read_text().splitlines()}
    looked_at = baseline & found.keys() if given.areas else baseline
    failed = {test for test in looked_at if found.get(test, {}).get("outcome") != "passed"}
    known = known_failures(suite) & looked_at
    for test in sorted(failed - known):
        why = found.get(test, {}).get("why") or "it did not run"
        print(f"\nfailed: {test}\n  " + "\n  ".join(why.splitlines()))
    for test in sorted(known - failed):
        print(f"\npasses now, take it out of {KNOWN.relative_to(ROOT)}: {test}")
    if failed - known:
        print(f"\nall of it: {place[2]}")
    return 1 if failed ^ known else 0


if __name__ == "__main__":
    sys.exit(main())
