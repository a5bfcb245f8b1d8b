#!/usr/bin/env bash
# Starts a stand-in for S3, moto's server; usage: s3.sh FOLDER. See common.sh.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

place=$(python_with 'moto[server]==5.2.5')
port=$(free_port)
start "$place/bin/moto_server" -H 127.0.0.1 -p "$port"
await answers "http://127.0.0.1:$port/moto-api/data.json"
export_as XFORM_TEST_S3_ENDPOINT "http://127.0.0.1:$port"
cat "$folder/env"
