#!/usr/bin/env bash
# Prints the folder of a prebuilt libduckdb, fetching it the first time.
#
# Compiling DuckDB takes half an hour, fetching it a few seconds. The library is looked for in
# DUCKDB_LIB_DIR, then in the user's cache; else it is fetched with npm (the user's own
# registry and proxy settings), else from the same registry with curl or wget, else from
# DuckDB's releases. It counts only when its SHA-256 is the one written here. Fails, saying
# why, where there is none to be had; `scripts/cargo.sh` then compiles DuckDB in.
set -euo pipefail

version=1.5.5
package_version=1.5.5-r.5 # of @duckdb/node-bindings-*, which carry the library

say() { echo "libduckdb: $*" >&2; }

if [[ -n ${DUCKDB_LIB_DIR:-} ]]; then
    echo "$DUCKDB_LIB_DIR"
    exit
fi

# What Rust builds for is what the library has to fit: musl, for one, has none.
host=$(rustc -vV | sed -n 's/^host: //p')
case $host in
x86_64-unknown-linux-gnu)
    platform=linux-x64 library=libduckdb.so release=libduckdb-linux-amd64.zip
    library_sum=fc23f12e376c47be520f75221288281906e7942e8fd6f6ce4849198ba60d0405
    tarball_sum=86d2bda909785550e8a14a57a8a4584827aff0e268d8f1a58c3fd48559f7020e
    ;;
aarch64-unknown-linux-gnu)
    platform=linux-arm64 library=libduckdb.so release=libduckdb-linux-arm64.zip
    library_sum=d00d007f3f7ca1f2896a5e4b89c2ce141bf0508506a9d6d56f9598b8e59d074e
    tarball_sum=3b85f3ea438f7dc3691d7b5e6e4222ffe9127fd17885f96ca72e0c99925c348e
    ;;
x86_64-apple-darwin)
    platform=darwin-x64 library=libduckdb.dylib release=libduckdb-osx-universal.zip
    library_sum=b9027d18ef3e8d960568f77e946a83ca68009cb22d71cf7f94de842afdd094d8
    tarball_sum=1266f62ac7c02f7971554a2b0b2c4c19923a97258bfdf1b203873e174e7a28c4
    ;;
aarch64-apple-darwin)
    platform=darwin-arm64 library=libduckdb.dylib release=libduckdb-osx-universal.zip
    library_sum=b9027d18ef3e8d960568f77e946a83ca68009cb22d71cf7f94de842afdd094d8
    tarball_sum=08b3cfd7d4d620a5fb67ef49db28551b767107266af3a8e2600e49d99ee59456
    ;;
*)
    say "nobody publishes DuckDB $version prebuilt for $host"
    exit 1
    ;;
esac

folder=${XDG_CACHE_HOME:-$HOME/.cache}/xform/duckdb-$version/$platform
if [[ -f $folder/$library ]]; then
    echo "$folder"
    exit
fi

mkdir -p "$folder"
# In the same folder, so that the last step is a rename: two builds may run this at once.
work=$(mktemp -d "$folder/.fetch-XXXXXX")
trap 'rm -rf "$work"' EXIT

has_sum() { # file, SHA-256
    local found
    if command -v sha256sum >/dev/null; then
        found=$(sha256sum "$1")
    elif command -v shasum >/dev/null; then
        found=$(shasum -a 256 "$1")
    else
        found=$(openssl dgst -sha256 -r "$1")
    fi
    [[ ${found%% *} == "$2" ]] && return
    say "$(basename "$1") has the SHA-256 ${found%% *}, not $2: not used"
    return 1
}

download() { # address, file
    say "fetching $1"
    if command -v curl >/dev/null; then
        curl --fail --silent --show-error --location --retry 2 --connect-timeout 20 --output "$2" "$1"
    elif command -v wget >/dev/null; then
        wget --quiet --tries=2 --connect-timeout=20 --output-document="$2" "$1"
    else
        say "there is neither curl nor wget"
        return 1
    fi
}

unpack_tarball() {
    has_sum "$work/package.tgz" $tarball_sum && tar -xzf "$work/package.tgz" -C "$work" "package/$library" &&
        mv "$work/package/$library" "$work/$library"
}

from_npm() {
    command -v npm >/dev/null || return 1
    local package=@duckdb/node-bindings-$platform@$package_version
    say "fetching $package with npm"
    (cd "$work" && npm pack --loglevel=error --fetch-retries=1 "$package" >/dev/null && mv ./*.tgz package.tgz) &&
        unpack_tarball
}

from_registry() {
    local registry=${npm_config_registry:-https://registry.npmjs.org}
    download "${registry%/}/@duckdb/node-bindings-$platform/-/node-bindings-$platform-$package_version.tgz" \
        "$work/package.tgz" && unpack_tarball
}

from_releases() {
    download "https://github.com/duckdb/duckdb/releases/download/v$version/$release" "$work/release.zip" || return
    if command -v unzip >/dev/null; then
        unzip -q -o "$work/release.zip" $library -d "$work"
    else
        python3 -m zipfile -e "$work/release.zip" "$work"
    fi
}

for source in from_npm from_registry from_releases; do
    if $source && has_sum "$work/$library" $library_sum; then
        mv "$work/$library" "$folder/$library"
        say "DuckDB $version is in $folder"
        echo "$folder"
        exit
    fi
done
say "DuckDB $version could not be fetched"
exit 1
