#!/usr/bin/env bash
# Builds the guest of the world everything.

here=$(cd "$(dirname "$0")" && pwd)
guests=$(cd "$here/../../../examples/plugins/guests" && pwd)
. "$guests/common.sh"
. "$guests/rust/compile.sh"

cd "$here"
compile_rust
wasm_tools component new "$modules/types.wasm" -o "$tmp/types.wasm"
chmod 644 "$tmp/types.wasm"
mv "$tmp/types.wasm" types.wasm
echo "  types/testdata/types.wasm"
