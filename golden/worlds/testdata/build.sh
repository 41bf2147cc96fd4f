#!/usr/bin/env bash
# Builds the guest of the world worlds.

here=$(cd "$(dirname "$0")" && pwd)
guests=$(cd "$here/../../../examples/plugins/guests" && pwd)
. "$guests/common.sh"
. "$guests/rust/compile.sh"

cd "$here"
compile_rust
wasm_tools component new "$modules/worlds.wasm" -o "$tmp/worlds.wasm"
chmod 644 "$tmp/worlds.wasm"
mv "$tmp/worlds.wasm" worlds.wasm
echo "  worlds/testdata/worlds.wasm"
