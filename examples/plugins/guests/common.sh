# What the build scripts of the guests share. A script sets `guests` to the
# directory of this file and sources it:
#
#   guests=$(cd "$(dirname "$0")/.." && pwd)
#   . "$guests/common.sh"
#
# It then has `wit` (the plugin contract), `wit_0_1` (that of version 0.1), `wasi` (the WIT of WASI 0.2), `tmp` (an
# empty directory that goes away at exit), `cache` (the place of guests that are too
# large to be committed), `need`, `node_tools`, `component` and `keep`. Exit code
# 3 tells build.sh that a tool is missing.

set -euo pipefail
export LC_ALL=C

wit=$(cd "$guests/../wit" && pwd)
wit_0_1=$(cd "$guests/../../../golden/plugins/wit" && pwd)
wasi=$(cd "$guests/../../../rt/wasi" && pwd)/p2/wit/wasi.wit
cache=$(cd "$guests/../../.." && pwd)/.cache/guests
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# need COMMAND VERSION INSTALL: exits with 3 unless COMMAND --version prints VERSION.
need() {
	if ! command -v "$1" >/dev/null; then
		echo "  $1 $2 is missing: $3" >&2
		exit 3
	fi
	if ! "$1" --version 2>&1 | grep -F -q -e "$2"; then
		echo "  $1 is not version $2, which the committed guests are built with: $3" >&2
		exit 3
	fi
}

# node_tools DIR: installs what the package-lock.json in DIR names, into $tmp. Not
# by npm ci, which refuses a lock that leaves out packages of other platforms.
node_tools() {
	need npm "" "apt-get install npm"
	cp "$1/package.json" "$1/package-lock.json" "$tmp"
	npm --prefix "$tmp" install --loglevel=error --no-audit --no-fund
}

# keep WASM NAME: moves a component into the cache.
keep() {
	mkdir -p "$cache"
	chmod 644 "$1"
	mv "$1" "$cache/$2.wasm"
	echo "  .cache/guests/$2.wasm"
}

# wasm_tools ARGS...: runs wasm-tools. Paths have to be absolute.
wasm_tools() {
	if [ -z "${WASMTOOLS:-}" ]; then
		WASMTOOLS=$tmp/wasmtools
		go build -C "$guests/wasmtools" -o "$WASMTOOLS" .
	fi
	"$WASMTOOLS" "$@"
}

# component CORE WIT WORLD OUT [ARGS...]: makes the core module CORE a component
# for WORLD, as OUT. ARGS go to `wasm-tools component new`, such as --adapt.
component() {
	local core=$1 contract=$2 world=$3 out=$4
	shift 4
	wasm_tools component embed "$contract" --world "$world" "$core" -o "$tmp/embedded.wasm"
	wasm_tools component new "$tmp/embedded.wasm" -o "$tmp/component.wasm" "$@"
	chmod 644 "$tmp/component.wasm"
	mv "$tmp/component.wasm" "$out"
}
