#!/usr/bin/env bash
# Builds the guest of the world resources.

here=$(cd "$(dirname "$0")" && pwd)
guests=$(cd "$here/../../../examples/plugins/guests" && pwd)
. "$guests/common.sh"
. "$guests/rust/compile.sh"

cd "$here"
compile_rust
wasm_tools component new "$modules/resources.wasm" -o "$tmp/resources.wasm"
chmod 644 "$tmp/resources.wasm"
mv "$tmp/resources.wasm" resources.wasm
echo "  resources/testdata/resources.wasm"
