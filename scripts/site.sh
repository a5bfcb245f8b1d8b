#!/usr/bin/env bash
# Everything that the app of the documentation site has to pass.
#
# What src/docs/site/ has must be what site/ builds; the app is tested alone, then in Chromium, over
# sites that xform makes. XFORM names the program, else it is built. Without npm or Chromium what
# cannot be tested is said, on the last lines too; in CI (CI=true) a missing npm is a failure.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# As it was named, from where this was started.
[[ -z ${XFORM:-} ]] || XFORM=$(realpath "$XFORM")
cd "$root/site"

skip() { # what, why
    echo "SKIPPED: $1: $2" >&2
    if [[ -n ${XFORM_SKIPPED:-} ]]; then
        echo "$1: $2" >>"$XFORM_SKIPPED"
    fi
}

if ! command -v npm >/dev/null; then
    skip "all tests of the documentation site" "there is no npm (Node.js 20.19 or newer)"
    [[ ${CI:-} == true ]] && exit 1
    exit 0
fi

# Anew only when other packages are wanted.
wanted=$(cksum <package-lock.json)
if [[ ! -f node_modules/.wanted || $(cat node_modules/.wanted) != "$wanted" ]]; then
    npm ci --no-audit --no-fund --fetch-retries=3
    echo "$wanted" >node_modules/.wanted
fi

# Beside what is committed, which stays as it is.
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
XFORM_SITE_OUT=$built npm run --silent build
if ! diff --recursive --brief "$built" "$root/src/docs/site"; then
    echo "src/docs/site is not what site/ builds: run \`npm run build\` in site/ and commit what it writes" >&2
    exit 1
fi
npm test --silent

if ! CHROMIUM=$("$root/scripts/chromium.sh"); then
    skip "the documentation site in a browser" "there is no Chromium"
    exit 0
fi
export CHROMIUM
if [[ -z ${XFORM:-} ]]; then
    (cd "$root" && scripts/cargo.sh build --quiet)
    XFORM=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/xform/target}/debug/xform
fi
export XFORM
npm run --silent e2e
