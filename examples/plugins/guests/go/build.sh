#!/usr/bin/env bash
# Builds the Go guests, which are of version 0.1 of the contract.

guests=$(cd "$(dirname "$0")/.." && pwd)
. "$guests/common.sh"

cd "$guests/go/src"

# The component depends on the exact toolchain, which go fetches if it is another
# one. -checklinkname=0 lets cabi_realloc have memory from the runtime's break.
for name in image-processor data-processor; do
	env GOTOOLCHAIN=go1.26.8 GOOS=wasip1 GOARCH=wasm GOWASM= GOEXPERIMENT= GOFLAGS= GOWORK=off CGO_ENABLED=0 \
		go build -trimpath -buildvcs=false -buildmode=c-shared -ldflags='-s -w -buildid= -checklinkname=0' \
		-o "$tmp/core.wasm" "./$name"
	component "$tmp/core.wasm" "$wit_0_1" plugin "$guests/go/$name.wasm" --adapt "wasi_snapshot_preview1=$guests/go/stub.wat"
	echo "  go/$name.wasm"
done
