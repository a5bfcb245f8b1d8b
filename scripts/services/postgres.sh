#!/usr/bin/env bash
# Starts PostgreSQL with a new database; usage: postgres.sh FOLDER. See common.sh.
#
# TLS is on, with a certificate for `localhost` of an authority of its own in FOLDER/ca.crt.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

programs() { { ls -d /usr/lib/postgresql/*/bin 2>/dev/null || true; } | sort -V | tail -n 1; }
bin=$(programs)
if [[ ! -x $bin/initdb ]]; then
    [[ $(id -u) == 0 ]] || fail "PostgreSQL is not installed: apt-get install postgresql openssl"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql openssl; } >&2
    bin=$(programs)
fi

# The server does not run as root.
as=()
if [[ $(id -u) == 0 ]]; then
    as=(setpriv --reuid=postgres --regid=postgres --init-groups)
    chown postgres "$folder"
    # Its user has to reach the folder.
    parent=$folder
    while [[ $parent != / ]]; do
        parent=$(dirname "$parent")
        chmod a+x "$parent" 2>/dev/null || true
    done
fi

if [[ ! -f $folder/data/PG_VERSION ]]; then
    password=$(od -An -N 12 -t x1 /dev/urandom | tr -d ' \n')
    echo "$password" >"$folder/password"
    chmod a+r "$folder/password"
    "${as[@]}" "$bin/initdb" -D "$folder/data" -U xform --pwfile="$folder/password" \
        --auth=scram-sha-256 -E UTF8 --locale=C.UTF-8 >"$folder/initdb.log"
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/CN=xform test authority' \
        -keyout "$folder/ca.key" -out "$folder/ca.crt" 2>/dev/null
    openssl req -newkey rsa:2048 -nodes -subj /CN=localhost \
        -keyout "$folder/server.key" -out "$folder/server.csr" 2>/dev/null
    openssl x509 -req -in "$folder/server.csr" -CA "$folder/ca.crt" -CAkey "$folder/ca.key" -CAcreateserial \
        -days 30 -extfile <(echo 'subjectAltName=DNS:localhost') -out "$folder/server.crt" 2>/dev/null
    chmod 600 "$folder/server.key"
    [[ $(id -u) != 0 ]] || chown postgres "$folder/server.key" "$folder/server.crt"
fi

port=$(free_port)
start "${as[@]}" "$bin/postgres" -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories= -c fsync=off -c full_page_writes=off \
    -c max_connections=200 -c track_commit_timestamp=on -c ssl=on -c "ssl_cert_file=$folder/server.crt" -c "ssl_key_file=$folder/server.key"
await "$bin/pg_isready" -h 127.0.0.1 -p "$port" -U xform -d postgres
password=$(cat "$folder/password")
PGPASSWORD=$password "$bin/psql" -q -h 127.0.0.1 -p "$port" -U xform -d postgres \
    -c 'create database xform' >/dev/null 2>&1 || true
export_as XFORM_TEST_POSTGRES_URI "postgresql://xform:$password@127.0.0.1:$port/xform"
export_as XFORM_TEST_POSTGRES_BIN "$bin"
export_as XFORM_TEST_POSTGRES_CA "$folder/ca.crt"
cat "$folder/env"
