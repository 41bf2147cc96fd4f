#!/usr/bin/env bash
# Builds the guests of the tests of package wasi that are written in C and Go. They
# import preview 1 of WASI, and are made to import 0.2 by an adapter that comes
# with jco.

here=$(cd "$(dirname "$0")" && pwd)
guests=$(cd "$here/../../../../examples/plugins/guests" && pwd)
. "$guests/common.sh"

need clang-19 19.1.7 "apt-get install --no-install-recommends clang-19 lld-19 libclang-rt-19-dev-wasm32 wasi-libc"
node_tools "$here/node"

# adapt NAME: makes the core module $tmp/NAME a component.
adapt() {
	"$tmp/node_modules/.bin/jco" new "$tmp/$1" --wasi-command -o "$tmp/$1.wasm" >"$tmp/log" 2>&1 || { cat "$tmp/log" >&2; exit 1; }
	install -m 644 "$tmp/$1.wasm" "$here/$1.wasm"
	echo "  wasi/testdata/languages/$1.wasm"
}

clang-19 --target=wasm32-wasi -std=gnu17 -O2 -Wall -Wextra -Werror -Wl,--strip-all -o "$tmp/c" "$here/c/main.c"
adapt c

env GOTOOLCHAIN=go1.26.8 GOOS=wasip1 GOARCH=wasm GOWASM= GOEXPERIMENT= GOFLAGS= GOWORK=off CGO_ENABLED=0 \
	go build -C "$here/go" -trimpath -buildvcs=false -ldflags='-s -w -buildid=' -o "$tmp/go" .
adapt go
