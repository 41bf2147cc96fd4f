#!/usr/bin/env bash
# Builds the C guests.

guests=$(cd "$(dirname "$0")/.." && pwd)
. "$guests/common.sh"
. "$guests/c/compile.sh"

cd "$guests/c"
for name in image-processor data-processor; do
	compile_c "$tmp/$name" abi.c plugin.c "$name.c"
	component "$tmp/$name" "$wit" plugin "$PWD/$name.wasm"
	echo "  c/$name.wasm"
done
