#!/usr/bin/env bash
# Builds the guest of the tests of package wasi that is JavaScript in QuickJS. Two
# builds of one source differ in a few bytes.

here=$(cd "$(dirname "$0")" && pwd)
guests=$(cd "$here/../../../../../examples/plugins/guests" && pwd)
. "$guests/common.sh"

node_tools "$guests/js"
cd "$here"
"$tmp/node_modules/.bin/componentize-qjs" --wit script.wit --world script --js script.js \
	--sync --opt-size --output "$tmp/js.wasm" >"$tmp/log" 2>&1 || { cat "$tmp/log" >&2; exit 1; }
install -m 644 "$tmp/js.wasm" ../js.wasm
echo "  wasi/testdata/languages/js.wasm"
