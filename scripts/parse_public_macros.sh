#!/bin/sh
# Feeds the macros of public packages through the parser: dbt's own and its DuckDB adapter's, and
# those that the wheel of elementary carries. Whatever parses there has to parse here.
#
#   scripts/parse_public_macros.sh BIN [FOLDER…]
#
# The wheels come from PyPI into a folder that is gone afterwards; with FOLDER, which is one that
# has Python packages in it (`site-packages`), nothing is fetched. Only what xform complains
# about is looked at. Exit code 0 when there is nothing.
set -eu

bin=$(realpath "$1")
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ "$#" -eq 0 ]; then
    python3 -m pip download --quiet --no-deps --no-binary :none: --dest "$work/wheels" \
        dbt-adapters dbt-duckdb elementary-data
    for wheel in "$work"/wheels/*.whl; do
        python3 -m zipfile -e "$wheel" "$work/site"
    done
    set -- "$work/site"
fi

mkdir -p "$work/project/models" "$work/project/dbt_packages"
cat > "$work/project/dbt_project.yml" <<'EOF'
name: public_macros
version: "1.0"
profile: public_macros
EOF
cat > "$work/project/profiles.yml" <<'EOF'
public_macros:
  target: dev
  outputs:
    dev: {type: duckdb, path: ":memory:"}
EOF
echo "select 1 as id" > "$work/project/models/one.sql"
: > "$work/project/packages.yml"
echo "packages:" > "$work/project/packages.yml"

# One package for each folder of macros, each under a name of its own.
number=0
for folder in "$@"; do
    for macros in $(find "$folder/dbt/include" "$folder/elementary" -type d -name macros 2>/dev/null |
        grep -v '/macros/.*macros$'); do
        number=$((number + 1))
        name="public_$number"
        package="$work/packages/$name"
        mkdir -p "$package/macros"
        (cd "$macros" && find . -name '*.sql' -exec sh -c 'mkdir -p "$0/$(dirname "$1")" && cp "$1" "$0/$1"' "$package/macros" {} \;)
        printf 'name: %s\nversion: "1.0"\n' "$name" > "$package/dbt_project.yml"
        printf '  - local: %s\n' "$package" >> "$work/project/packages.yml"
        ln -s "$package" "$work/project/dbt_packages/$name"
    done
done

files=$(find "$work/packages" -name '*.sql' | wc -l)
echo "$files files of macros in $number packages"
if [ "$files" -eq 0 ]; then
    echo "found no macros" >&2
    exit 2
fi
"$bin" parse --project-dir "$work/project" --profiles-dir "$work/project" > "$work/out" 2>&1 || true
# What a file calls is not there in a package of other files; that is no matter of the parser.
if grep -E '^(error|warning)\[(jinja-syntax|invalid-arguments|internal-error)\]' -A4 "$work/out"; then
    exit 1
fi
grep -E '^error' -A4 "$work/out" && exit 1
echo "all of them parse"
