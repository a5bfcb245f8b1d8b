#!/usr/bin/env python3
"""Holds `xform format` to its promise on whole projects.

Each project is copied and compiled; then it is formatted, compiled again, and the two
compilations are compared token by token, white space, the case of keywords and the places of
comments apart. Formatting a second time must change nothing.

    scripts/check_format.py --xform target/debug/xform . ../other_project
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOKEN = re.compile(
    r"""(?P<comment>--[^\n]*|/\*.*?\*/)
      | (?P<string>'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$\w*\$).*?\3)
      | (?P<word>[\w$]+)
      | (?P<space>\s+)
      | (?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)


def tokens(sql):
    """The tokens of a query, words in small letters, and its comments."""
    code, comments = [], []
    for match in TOKEN.finditer(sql):
        kind, text = match.lastgroup, match.group()
        if kind == "comment":
            comments.append(text.rstrip())
        elif kind != "space" and not text.isspace():
            code.append(text.lower() if kind == "word" else text)
    return code, comments


def run(xform, project, *arguments, fails=False):
    done = subprocess.run([xform, *arguments], cwd=project, capture_output=True, text=True)
    if done.returncode and not fails:
        sys.exit(f"{project}: xform {' '.join(arguments)} failed\n{done.stdout}{done.stderr}")
    return done


def compiled(xform, project):
    shutil.rmtree(project / "target", ignore_errors=True)
    # What cannot be compiled without tables is left out, before and after.
    run(xform, project, "compile", "--no-introspect", fails=True)
    folder = project / "target" / "compiled"
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*.sql"))}


def check(xform, source, options):
    with tempfile.TemporaryDirectory(prefix="xform-format-") as folder:
        project = pathlib.Path(folder) / "project"
        shutil.copytree(source, project, ignore=shutil.ignore_patterns("target", ".git", "logs", "*.duckdb"))
        before = compiled(xform, project)
        texts = {path: path.read_text() for path in project.rglob("*.sql") if "target" not in path.parts}
        told = run(xform, project, "format", *options)
        changed = sum(path.read_text() != text for path, text in texts.items())
        after = compiled(xform, project)
        if before.keys() != after.keys():
            sys.exit(f"{source}: other files are compiled: {sorted(before.keys() ^ after.keys())[:5]}")
        count = 0
        for path, sql in before.items():
            (one, notes), (two, other) = tokens(sql), tokens(after[path])
            if one != two or notes != other:
                at = next((at for at, pair in enumerate(zip(one, two)) if pair[0] != pair[1]), -1)
                sys.exit(f"{source}: {path} differs at token {at}: {one[at - 3 : at + 3]} {two[at - 3 : at + 3]}")
            count += len(one)
        again = run(xform, project, "format", "--check", *options, fails=True)
        if again.returncode:
            sys.exit(f"{source}: the second time differs\n{again.stdout}")
        left = (told.stdout + told.stderr).count("[not-formatted]")
        print(
            f"{source}: {changed} of {len(texts)} files formatted, {left} left alone; "
            f"{len(before)} compiled files with {count} tokens are the same"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--xform", default="target/debug/xform", help="the binary")
    parser.add_argument("--macros", action="store_true", help="format macros too")
    parser.add_argument("projects", nargs="+", type=pathlib.Path)
    args = parser.parse_args()
    xform = str(pathlib.Path(args.xform).resolve())
    for project in args.projects:
        for style in ([], ["--line-length", "60", "--commas", "leading", "--keyword-case", "upper", "--indent", "2"]):
            check(xform, project, style + (["--macros"] if args.macros else []))


if __name__ == "__main__":
    main()
