#!/usr/bin/env bash
# Builds the guests that do not do what they should.

guests=$(cd "$(dirname "$0")/.." && pwd)
here=$guests/broken
. "$guests/common.sh"
. "$guests/c/compile.sh"

cd "$here"

# guest NAME WIT WORLD: builds NAME.c.
guest() {
	compile_c "$tmp/$1" "$guests/c/abi.c" "$1.c"
	component "$tmp/$1" "$2" "$3" "$here/$1.wasm"
	echo "  broken/$1.wasm"
}

guest hostile "$wit_0_1" plugin
guest other "$here/other.wit" other
guest changed "$here/changed.wit" plugin
