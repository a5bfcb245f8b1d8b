#!/usr/bin/env python3
"""How time and memory grow with the project.

    benches/growth.py --xform BINARY [--models 1000,5000,10000,50000] [--scratch DIR]

Prints a table in Markdown: for each size of a generated project and each command the seconds, the
processor time for a thousand models (user and system), and the peak memory, also for a thousand. What
stays the same from row to row grows as the project does. A project of 50,000 models takes about 1 GB
of disk with what commands write; each is removed before the next one is made.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scripts"))
import trial_projects  # noqa: E402
from end_to_end import timed  # noqa: E402

# The first parse comes first; the others find what it left.
WORK = [
    ("parse, for the first time", ["parse"]),
    ("parse, nothing changed", ["parse"]),
    ("parse, one model edited", ["parse"]),
    ("ls, nothing changed", ["ls"]),
    ("ls of one and all above it", ["ls", "--select", "+{one}"]),
    ("compile one model", ["compile", "--no-check", "--select", "{one}"]),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--xform", type=Path, required=True)
    parser.add_argument("--models", default="1000,5000,10000,50000")
    parser.add_argument("--scratch", type=Path, help="a folder for the projects, in place of the temporary one")
    options = parser.parse_args()
    print("| work | models | time | processor time per 1,000 | peak | peak per 1,000 |")
    print("|---|--:|--:|--:|--:|--:|")
    rows = []
    for count in map(int, options.models.split(",")):
        with tempfile.TemporaryDirectory(prefix="xform-growth-", dir=options.scratch) as scratch:
            folder = Path(scratch) / "project"
            trial_projects.generated(count, folder)
            models = sorted((folder / "models" / "intermediate").rglob("*.sql"))
            one = models[len(models) // 2]
            for order, (says, words) in enumerate(WORK):
                if "edited" in says:
                    with one.open("a", encoding="utf-8") as file:
                        file.write("-- edited\n")
                command = [str(options.xform.resolve()), *(word.replace("{one}", one.stem) for word in words)]
                took = timed(command, folder)
                rows.append((order, count, says, took))
                print(f"{count} {says}: {took.seconds:.2f} s", file=sys.stderr)
            shutil.rmtree(folder)
    for _, count, says, took in sorted(rows, key=lambda row: row[:2]):
        thousands = count / 1000
        print(f"| {says} | {count:,} | {took.seconds:.2f} s | {1000 * took.cpu / thousands:.0f} ms "
              f"| {took.mib:.0f} MiB | {took.mib / thousands:.0f} MiB |")


if __name__ == "__main__":
    main()
