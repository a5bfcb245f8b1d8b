#!/usr/bin/env bash
# cargo as this project uses it everywhere: one target folder, one profile, one set of features.
#
# With a prebuilt libduckdb a build takes minutes; where there is none DuckDB is compiled in.
# Build results live in the user's cache, so that a new checkout does not start from nothing.
# CARGO_TARGET_DIR and DUCKDB_LIB_DIR are kept when they are set.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/xform/target}

command=${1:?usage: scripts/cargo.sh COMMAND [ARGUMENT…]}
shift
if [[ $command == fmt ]]; then
    exec cargo fmt "$@"
fi

if DUCKDB_LIB_DIR=$("$here/libduckdb.sh"); then
    export DUCKDB_LIB_DIR
    exec cargo "$command" --locked --no-default-features "$@"
fi
unset DUCKDB_LIB_DIR
echo "DuckDB is compiled from source: the first build takes about half an hour on two cores." >&2
exec cargo "$command" --locked "$@"
