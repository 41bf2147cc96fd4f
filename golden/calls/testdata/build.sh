#!/usr/bin/env bash
# Builds the guest of the world calls.

here=$(cd "$(dirname "$0")" && pwd)
guests=$(cd "$here/../../../examples/plugins/guests" && pwd)
. "$guests/common.sh"
. "$guests/c/compile.sh"

cd "$here"
compile_c "$tmp/calls" "$guests/c/abi.c" calls.c
component "$tmp/calls" "$here/../wit" calls "$here/calls.wasm"
echo "  calls/testdata/calls.wasm"
