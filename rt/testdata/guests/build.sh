#!/usr/bin/env bash
# Builds the guests that only tests use. It shares the tools of the examples.

here=$(cd "$(dirname "$0")" && pwd)
guests=$(cd "$here/../../../examples/plugins/guests" && pwd)
. "$guests/common.sh"
. "$guests/c/compile.sh"

cd "$here"

# guest NAME WIT WORLD: builds NAME.c.
guest() {
	compile_c "$tmp/$1" "$guests/c/abi.c" "$1.c"
	component "$tmp/$1" "$2" "$3" "$here/$1.wasm"
	echo "  $1.wasm"
}

guest hostile "$wit" plugin
guest other "$here/other.wit" other
guest changed "$here/changed.wit" plugin
