#!/usr/bin/env python3
"""Reads a project's artifacts with the parser that other tools use.

    python scripts/check_artifacts.py [TARGET_FOLDER]

`TARGET_FOLDER` is `target` when nothing is said. Its `manifest.json` must parse as
dbt's schema v12 and, if there is one, its `run_results.json` as v6; every edge must lead
to a node, every result belong to one. Exits with 1 and says why if not. Needs the
package `dbt-artifacts-parser` from PyPI.
"""

import json
import sys
from pathlib import Path

from dbt_artifacts_parser.parser import parse_manifest_v12, parse_run_results_v6


def load(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def check_edges(manifest: dict) -> list[str]:
    """What is wrong with the graph: edges to nowhere, maps that disagree."""
    known = set(manifest["nodes"]) | set(manifest["sources"]) | set(manifest["exposures"])
    problems = [f"{name} has no {node}" for name in ("parent_map", "child_map") for node in known - set(manifest[name])]
    for child, parents in manifest["parent_map"].items():
        for parent in parents:
            if parent not in known:
                problems.append(f"{child} depends on {parent}, which is not in the manifest")
            elif child not in manifest["child_map"][parent]:
                problems.append(f"{parent} does not name its child {child}")
    for unique_id, macro in manifest["macros"].items():
        for called in macro["depends_on"]["macros"]:
            if called not in manifest["macros"]:
                problems.append(f"{unique_id} calls {called}, which is not in the manifest")
    return problems


def check(folder: Path) -> list[str]:
    manifest = load(folder / "manifest.json")
    parsed = parse_manifest_v12(manifest=manifest)
    print(f"manifest.json: {len(parsed.nodes)} nodes, {len(parsed.sources)} sources, {len(parsed.macros)} macros")
    problems = check_edges(manifest)
    path = folder / "run_results.json"
    if path.exists():
        results = load(path)
        parsed = parse_run_results_v6(run_results=results)
        print(f"run_results.json: {len(parsed.results)} results")
        known = set(manifest["nodes"]) | set(manifest["sources"]) | set(manifest["exposures"])
        ids = [result["unique_id"] for result in results["results"]]
        problems += [f"there is a result of {name}, which is not in the manifest" for name in ids if name not in known]
    return problems


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "target")
    try:
        problems = check(folder)
    except (OSError, ValueError, KeyError) as error:  # pydantic's errors are ValueErrors
        problems = [str(error)]
    for problem in problems:
        print(f"{folder}: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
