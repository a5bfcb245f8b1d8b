#!/usr/bin/env bash
# Loads the raw events of the example project into a PostgreSQL database, with DuckDB's own
# extension; then `xform build --target postgres` builds the project there.
#
# The server is that of PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE. Run it where the
# project is; XFORM names another program than the one that scripts/cargo.sh builds.
set -euo pipefail

if [[ -n ${XFORM:-} ]]; then
    exec "$XFORM" run-operation load_raw_to_postgres --target raw_to_postgres
fi
exec "$(dirname "${BASH_SOURCE[0]}")/cargo.sh" run --quiet -- run-operation load_raw_to_postgres --target raw_to_postgres
