#!/usr/bin/env bash
# Builds the guest that the tests of serving HTTP run.

here=$(cd "$(dirname "$0")" && pwd)
guests=$(cd "$here/../../../../examples/plugins/guests" && pwd)
. "$guests/common.sh"
. "$guests/rust/compile.sh"

cd "$here"
compile_rust
wasm_tools component new "$modules/server.wasm" -o "$tmp/server.wasm"
chmod 644 "$tmp/server.wasm"
mv "$tmp/server.wasm" server.wasm
echo "  wasihttp/testdata/server.wasm"
