#!/usr/bin/env bash
# Prints the path of a Chromium for the tests of the documentation site.
#
# It is what CHROMIUM names, or one that is installed; else, for root on Debian or Ubuntu's kin, it is
# installed with apt-get. Fails, saying why, where there is none to be had.
set -euo pipefail

say() { echo "chromium: $*" >&2; }

if [[ -n ${CHROMIUM:-} ]]; then
    echo "$CHROMIUM"
    exit
fi

found() {
    local name
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" && return
    done
    name="/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    [[ -x $name ]] && echo "$name"
}

if found; then
    exit
fi
if ! command -v apt-get >/dev/null; then
    say "none is installed: install Chromium, or name a browser of its kind with CHROMIUM"
    exit 1
fi
if [[ $(id -u) != 0 ]]; then
    say "none is installed: \`sudo apt-get install chromium\`, or name a browser of its kind with CHROMIUM"
    exit 1
fi
say "installing Debian's"
install() { DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends chromium >&2; }
if ! { apt-get update --quiet >&2 && install; }; then
    say "apt-get could not install it"
    exit 1
fi
found
