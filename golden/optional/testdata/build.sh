#!/usr/bin/env bash
# Builds the guests of the world optional: one that has all, and one of before
# there was as much.

here=$(cd "$(dirname "$0")" && pwd)
guests=$(cd "$here/../../../examples/plugins/guests" && pwd)
. "$guests/common.sh"
. "$guests/c/compile.sh"

cd "$here"
compile_c "$tmp/full" "$guests/c/abi.c" optional.c -DALL '-DVERSION="0.2.1"'
component "$tmp/full" "$here/../wit" optional "$here/full.wasm"
compile_c "$tmp/old" "$guests/c/abi.c" optional.c '-DVERSION="0.2.0"'
component "$tmp/old" "$here/old.wit" old "$here/old.wasm"
echo "  optional/testdata/full.wasm old.wasm"
