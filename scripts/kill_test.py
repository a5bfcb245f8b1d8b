#!/usr/bin/env python3
"""Kill builds at random moments and look at what is left.

    kill_test.py XFORM PROJECT [--kills 20] [--threads 4] [--seed 1]

Builds PROJECT (a copy of it, in a temporary folder) twice for reference, from nothing and
again. Then, as often as asked, starts a build, kills it with SIGKILL at a random moment, and
checks that

* every relation that stood before the kill still stands,
* every relation under a model's own name has exactly the rows of one of the references,
* the next build is green, makes every relation, and leaves no helper relation behind.

Every second round begins with an empty database, the others on the last one. Models have
to give the same rows each time, incremental ones the same when nothing is new: sums of
floating numbers do with `settings: {threads: 1}` in the profile. Standard library only.
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


PROFILE = """\
probe:
  target: probe
  outputs:
    probe:
      type: duckdb
      path: {path}
"""


class Trial:
    def __init__(self, xform, folder, threads):
        self.xform = os.path.abspath(xform)
        self.project = os.path.join(folder, "project")
        # A project with nothing in it, over the same database: there questions are cheap.
        self.probe = os.path.join(folder, "probe")
        self.threads = threads

    def command(self, *words, project=None):
        project = project or self.project
        return [self.xform, *words, "--project-dir", project, "--profiles-dir", project]

    def run(self, *words, project=None):
        command = self.command(*words, project=project)
        return subprocess.run(command, cwd=project or self.project, capture_output=True, text=True)

    def build(self):
        start = time.monotonic()
        done = self.run("build", "--threads", str(self.threads))
        if done.returncode != 0:
            sys.exit("the build failed:\n" + done.stdout[-4000:] + done.stderr[-2000:])
        return time.monotonic() - start, done.stdout.strip().splitlines()[-1]

    def kill_a_build(self, longest, rng):
        """Kills a build at a random moment; gives the moment, or None if it was quicker."""
        delay = rng.uniform(0.02, longest)
        child = subprocess.Popen(
            self.command("build", "--threads", str(self.threads)), cwd=self.project,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)
        return delay if child.wait() == -signal.SIGKILL else None

    def make_probe(self):
        [database] = [file for file in self.database_files() if file.endswith(".duckdb")]
        os.makedirs(self.probe)
        with open(os.path.join(self.probe, "project.yml"), "w") as file:
            file.write("name: probe\nprofile: probe\n")
        with open(os.path.join(self.probe, "profiles.yml"), "w") as file:
            file.write(PROFILE.format(path=json.dumps(database)))

    def query(self, sql):
        words = ["show", "--quiet", "--output", "json", "--limit", "-1", "--inline", sql]
        done = self.run(*words, project=self.probe)
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
        trial = Trial(a.xform, folder, a.threads)
        shutil.copytree(a.project, trial.project, ignore=shutil.ignore_patterns("target", "logs", "*.duckdb*"))
        first, summary = trial.build()
        trial.make_probe()
        reference = trial.relations()
        again, _ = trial.build()
        steady = trial.relations()
        print(f"reference: {summary}; {len(reference)} relations in {first:.1f} s, again in {again:.1f} s", flush=True)
        bad = 0
        for number in range(1, a.kills + 1):
            from_nothing = number % 2 == 0
            delay = None
            while delay is None:
                if from_nothing:
                    for file in list(trial.database_files()):
                        os.remove(file)
                before = {} if from_nothing else steady
                delay = trial.kill_a_build(first if from_nothing else again, rng)
            after = trial.relations()
            lost = sorted(set(before) - set(after))
            half = sorted(name for name, rows in after.items()
                          if not is_helper(name) and rows not in (reference.get(name), steady.get(name)))
            trial.build()
            last = trial.relations()
            helpers = sorted(name for name in last if is_helper(name))
            wrong = sorted(name for name in reference if last.get(name) not in (reference[name], steady[name]))
            well = not (lost or half or helpers or wrong)
            bad += not well
            print(f"kill {number:2} after {delay:5.2f} s: {len(before)} relations before, {len(after)} after, "
                  f"lost {lost}, half-built {half}, left behind {helpers}, wrong after the next build {wrong}"
                  f" -> {'ok' if well else 'BAD'}", flush=True)
        print(f"{a.kills - bad} passed, {bad} failed")
        return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
