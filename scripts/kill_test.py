#!/usr/bin/env python3
"""Kill builds at random moments and look at what is left.

    kill_test.py XFORM PROJECT [--kills 20] [--threads 4] [--seed 1]

Builds PROJECT (a copy of it, in a temporary folder) once for reference. Then, as often
as asked, starts a build, kills it with SIGKILL at a random moment, and checks that

* every relation that stood before the kill still stands,
* every relation under a model's own name has exactly the rows of the reference,
* the next build is green and leaves no helper relation behind.

Every second round begins with an empty database, the others on the last one. Models have
to give the same rows each time. Standard library only.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time


class Trial:
    def __init__(self, xform, project, threads):
        self.xform = os.path.abspath(xform)
        self.project = project
        self.threads = threads

    def command(self, *words):
        return [self.xform, *words, "--project-dir", self.project, "--profiles-dir", self.project]

    def run(self, *words):
        return subprocess.run(self.command(*words), cwd=self.project, capture_output=True, text=True)

    def build(self):
        start = time.monotonic()
        done = self.run("build", "--threads", str(self.threads))
        if done.returncode != 0:
            sys.exit("the build failed:\n" + done.stdout[-4000:] + done.stderr[-2000:])
        return time.monotonic() - start, done.stdout.strip().splitlines()[-1]

    def query(self, sql):
        done = self.run("show", "--quiet", "--output", "json", "--limit", "-1", "--inline", sql)
        if done.returncode != 0:
            sys.exit("the database cannot be asked:\n" + done.stdout + done.stderr)
        return json.loads(done.stdout)["show"]

    def relations(self):
        """Name of every relation, with what its rows add up to."""
        found = self.query(
            "select table_schema || '.' || table_name as name from information_schema.tables order by all")
        names = [row["name"] for row in found]
        sums = {}
        for at in range(0, len(names), 200):
            parts = []
            for name in names[at:at + 200]:
                schema, table = name.split(".", 1)
                parts.append(
                    f"select '{name}' as name, count(*)::varchar as n, bit_xor(hash(t))::varchar as h"
                    f' from "{schema}"."{table}" as t')
            for row in self.query(" union all ".join(parts)):
                sums[row["name"]] = (row["n"], row["h"])
        return sums

    def database_files(self):
        for folder, _, files in os.walk(self.project):
            for file in files:
                if ".duckdb" in file:
                    yield os.path.join(folder, file)


def is_helper(name):
    return "__dbt_" in name or "__xform_" in name


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    p.add_argument("xform")
    p.add_argument("project")
    p.add_argument("--kills", type=int, default=20)
    p.add_argument("--threads", type=int, default=4)
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    rng = random.Random(a.seed)
    with tempfile.TemporaryDirectory(prefix="xform-kill-") as folder:
        project = os.path.join(folder, "project")
        shutil.copytree(a.project, project, ignore=shutil.ignore_patterns("target", "logs", "*.duckdb*"))
        trial = Trial(a.xform, project, a.threads)
        seconds, summary = trial.build()
        reference = trial.relations()
        print(f"reference: {summary}; {len(reference)} relations in {seconds:.1f} s", flush=True)
        bad = 0
        for number in range(1, a.kills + 1):
            if number % 2 == 0:
                for file in list(trial.database_files()):
                    os.remove(file)
                before = {}
            else:
                before = trial.relations()
            delay = rng.uniform(0.02, seconds)
            child = subprocess.Popen(
                trial.command("build", "--threads", str(a.threads)), cwd=project,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay)
            child.send_signal(signal.SIGKILL)
            child.wait()
            after = trial.relations()
            lost = sorted(set(before) - set(after))
            half = sorted(name for name, rows in after.items()
                          if not is_helper(name) and rows != reference.get(name))
            trial.build()
            last = trial.relations()
            helpers = sorted(name for name in last if is_helper(name))
            wrong = sorted(name for name in reference if last.get(name) != reference[name])
            well = not (lost or half or helpers or wrong)
            bad += not well
            print(f"kill {number:2} after {delay:5.2f} s: {len(before)} relations before, {len(after)} after, "
                  f"lost {lost}, half-built {half}, left behind {helpers}, wrong after the next build {wrong}"
                  f" -> {'ok' if well else 'BAD'}", flush=True)
        print(f"{a.kills - bad} passed, {bad} failed")
        return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
