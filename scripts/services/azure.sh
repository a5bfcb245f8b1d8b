#!/usr/bin/env bash
# Starts a stand-in for Azure Blob Storage, Azurite; usage: azure.sh FOLDER. See common.sh.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

version=3.37.0
place=$cache/services/azurite-$version
if [[ ! -x $place/node_modules/.bin/azurite-blob ]]; then
    mkdir -p "$place"
    (cd "$place" && npm init -y && npm install --silent --no-audit --no-fund "azurite@$version") >&2
fi
port=$(free_port)
account=xformtest
key=$(printf 'a key of xform for tests only' | base64 -w 0)
export AZURITE_ACCOUNTS=$account:$key
start "$place/node_modules/.bin/azurite-blob" --blobHost 127.0.0.1 --blobPort "$port" \
    --location "$folder/data" --skipApiVersionCheck --disableTelemetry
await python3 -c "import socket; socket.create_connection(('127.0.0.1', $port), 1)"
export_as XFORM_TEST_AZURE_CONNECTION \
    "DefaultEndpointsProtocol=http;AccountName=$account;AccountKey=$key;BlobEndpoint=http://127.0.0.1:$port/$account;"
cat "$folder/env"
