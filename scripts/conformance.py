#!/usr/bin/env python3
"""Runs dbt's adapter tests against xform and compares with what is known to fail.

    scripts/conformance.py [--xform BINARY] [AREA...]

Prints how many of the tests that the real dbt passes xform passes, by area, and exits with 1
when a test fails that `docs/src/conformance.md` does not list, or when one passes that it
lists. The areas are described in `tests/conformance/areas.md`.

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
KNOWN = ROOT / "docs" / "src" / "conformance.md"


def find_xform(given: str | None) -> Path:
    if given:
        return Path(shutil.which(given) or given).resolve()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    target = os.environ.get("CARGO_TARGET_DIR") or cache / "xform" / "target"
    return Path(target) / "debug" / "xform"


def known_failures() -> set[str]:
    """The tests that the page names, as `suite/test_x.py::TestY::test_z`."""
    return set(re.findall(r"`(suite/\S+?::\S+?)`", KNOWN.read_text()))


def records(path: Path) -> dict[str, dict]:
    rows = (json.loads(line) for line in path.read_text().splitlines())
    return {row["id"].removeprefix("adapter::"): row for row in rows}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--xform", metavar="BINARY", help="the binary to measure")
    parser.add_argument("areas", metavar="AREA", nargs="*", help="only these areas")
    given = parser.parse_args()
    xform = find_xform(given.xform)
    if not xform.exists():
        print(f"there is no binary at {xform}: run `scripts/cargo.sh build`", file=sys.stderr)
        return 2
    ran = subprocess.run(
        [HARNESS / "run.sh", xform, *given.areas], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    print(ran.stdout, end="")
    place = re.search(r"^records: (\S+)\s+pytest's output: (\S+)", ran.stderr, re.MULTILINE)
    if ran.returncode != 0 or not place:
        print(ran.stderr, file=sys.stderr, end="")
        return 2
    found = records(Path(place[1]))
    baseline = {line.removeprefix("adapter::") for line in (HARNESS / "baseline.txt").read_text().split()}
    looked_at = baseline & found.keys() if given.areas else baseline
    failed = {test for test in looked_at if found.get(test, {}).get("outcome") != "passed"}
    known = known_failures() & looked_at
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
