#!/usr/bin/env bash
# Ends the services that were started with these folders; usage: stop.sh FOLDER…
set -euo pipefail

for folder in "$@"; do
    [[ -s $folder/pid ]] || continue
    pid=$(cat "$folder/pid")
    kill -TERM -- "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null || true
    for _ in $(seq 50); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL -- "-$pid" 2>/dev/null || true
    rm -f "$folder/pid"
done
