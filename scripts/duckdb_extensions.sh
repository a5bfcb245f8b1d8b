#!/usr/bin/env bash
# Prints a folder of DuckDB extensions, laid out as `extension_directory` has it, for machines that
# DuckDB's own repository cannot be reached from: they come from PyPI, the first time.
set -euo pipefail

version=1.5.5 # as in scripts/libduckdb.sh
extensions=(httpfs azure aws iceberg delta ducklake avro postgres_scanner icu)

case $(uname -s)-$(uname -m) in
Linux-x86_64) platform=linux_amd64 ;;
Linux-aarch64) platform=linux_arm64 ;;
Darwin-arm64) platform=osx_arm64 ;;
Darwin-x86_64) platform=osx_amd64 ;;
*)
    echo "duckdb_extensions: there are none for $(uname -s) on $(uname -m)" >&2
    exit 1
    ;;
esac

folder=${XDG_CACHE_HOME:-$HOME/.cache}/xform/duckdb-extensions-$version
place=$folder/v$version/$platform
if [[ ! -f $place/.complete-${#extensions[@]} ]]; then
    mkdir -p "$place"
    wheels=$(mktemp -d)
    trap 'rm -rf "$wheels"' EXIT
    for name in "${extensions[@]}"; do
        if ! python3 -m pip download --quiet --disable-pip-version-check --no-deps -d "$wheels" \
            "duckdb-extension-${name//_/-}==$version" >&2; then
            echo "duckdb_extensions: there is no package of the extension $name" >&2
            exit 1
        fi
    done
    python3 - "$wheels" "$place" <<'PY'
import pathlib, sys, zipfile

wheels, place = map(pathlib.Path, sys.argv[1:])
for wheel in sorted(wheels.glob("*.whl")):
    with zipfile.ZipFile(wheel) as files:
        for name in files.namelist():
            if name.endswith(".duckdb_extension"):
                (place / pathlib.PurePosixPath(name).name).write_bytes(files.read(name))
PY
    touch "$place/.complete-${#extensions[@]}"
fi
echo "$folder"
