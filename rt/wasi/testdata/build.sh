#!/usr/bin/env bash
# Builds the guests of the tests of package wasi that are written in Rust.

here=$(cd "$(dirname "$0")" && pwd)
guests=$(cd "$here/../../../examples/plugins/guests" && pwd)
. "$guests/common.sh"

install="rustup toolchain install 1.95.0 --target wasm32-wasip2"
if ! command -v rustup >/dev/null || ! rustup run 1.95.0 rustc --version >/dev/null 2>&1; then
	echo "  rust 1.95.0 is missing: $install" >&2
	exit 3
fi

# wasm32-wasip2 makes components by itself: std imports WASI, and main is wasi:cli/run.
for name in command drafts files net raw; do
	(cd "$here/$name" && CARGO_TARGET_DIR=$tmp/target rustup run 1.95.0 cargo build --quiet --release --locked --target wasm32-wasip2)
	install -m 644 "$tmp/target/wasm32-wasip2/release/$name.wasm" "$here/$name.wasm"
	echo "  wasi/testdata/$name.wasm"
done
