# Common to the starters of services; to be sourced.
#
# Each starter takes a folder, starts its service on a free port of the loopback address, waits for
# an answer, writes FOLDER/env with `export NAME='value'` lines, and prints it. A service that runs
# already only has its lines printed. `stop.sh FOLDER` ends it. What it needs is installed under
# the user's cache by package name.
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/xform
folder=${1:?usage: $0 FOLDER}
mkdir -p "$folder" "$cache"
folder=$(cd "$folder" && pwd)

if [[ -s $folder/pid ]] && kill -0 "$(cat "$folder/pid")" 2>/dev/null; then
    cat "$folder/env"
    exit
fi
: >"$folder/env"

fail() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# A virtual environment with packages of PyPI; prints its folder.
python_with() {
    local place
    place=$cache/services/$(printf '%s\n' "$@" | cksum | cut -d ' ' -f 1)
    if [[ ! -f $place/.complete ]]; then
        python3 -m venv --clear "$place" >&2
        "$place/bin/pip" install --quiet --disable-pip-version-check "$@" >&2
        touch "$place/.complete"
    fi
    echo "$place"
}

# Starts a command in a process group of its own.
start() {
    setsid nohup "$@" >"$folder/log" 2>&1 </dev/null &
    echo $! >"$folder/pid"
}

# Waits up to a minute until a command passes.
await() {
    for _ in $(seq 300); do
        if "$@" >/dev/null 2>&1; then return; fi
        kill -0 "$(cat "$folder/pid")" 2>/dev/null || break
        sleep 0.2
    done
    tail -n 30 "$folder/log" >&2
    rm -f "$folder/pid"
    fail "the service did not answer"
}

answers() { # address
    python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=2)' "$1"
}

export_as() { # name, value
    echo "export $1='$2'" >>"$folder/env"
}
