#!/usr/bin/env bash
# Builds guests that are JavaScript in StarlingMonkey, of 12 MB each, into .cache/guests:
# they import what that imports if it is told nothing, wasi:http too. Two builds
# of one source differ.

here=$(cd "$(dirname "$0")" && pwd)
guests=$(cd "$here/../../../../../examples/plugins/guests" && pwd)
. "$guests/common.sh"

node_tools "$here/../node"

# guest SOURCE WIT WORLD NAME
guest() {
	(cd "$(dirname "$1")" && "$tmp/node_modules/.bin/componentize-js" "$(basename "$1")" --wit "$2" --world-name "$3" --out "$tmp/guest.wasm") \
		>"$tmp/log" 2>&1 || { cat "$tmp/log" >&2; exit 1; }
	keep "$tmp/guest.wasm" "$4"
}

guest "$here/script.js" "$here/script.wit" script starling

# An event is what the engine makes of wasi:http in the one version that it has.
sed 's/0\.2\.12/0.2.10/g' "$wasi" >"$tmp/wasi.wit"
guest "$here/server.js" "$tmp/wasi.wit" wasi:http/proxy@0.2.10 starling-server
