#!/usr/bin/env bash
# Builds the JavaScript guests, which are of version 0.1 of the contract. Two builds of one source differ in a few bytes.
#
# `jco componentize --backend quickjs` runs the same compiler, but always with
# the runtime optimized for speed, which makes a guest half as large again.

guests=$(cd "$(dirname "$0")/.." && pwd)
. "$guests/common.sh"

cd "$guests/js"
node_tools .

# --sync keeps to the ABI of WASI 0.2; with --stub-wasi the guest imports nothing
# but the host's interface, and Date.now() traps.
for name in image-processor data-processor; do
	"$tmp/node_modules/.bin/componentize-qjs" --wit "$wit_0_1" --world plugin --js "$name.js" \
		--sync --opt-size --stub-wasi --output "$name.wasm" >"$tmp/log" 2>&1 || { cat "$tmp/log" >&2; exit 1; }
	echo "  js/$name.wasm"
done
