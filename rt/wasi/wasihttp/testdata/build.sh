#!/usr/bin/env bash
# Builds the guest that the tests of serving HTTP run.

here=$(cd "$(dirname "$0")" && pwd)
guests=$(cd "$here/../../../../examples/plugins/guests" && pwd)
. "$guests/common.sh"

install="rustup toolchain install 1.95.0 --target wasm32-wasip2"
if ! command -v rustup >/dev/null || ! rustup run 1.95.0 rustc --version >/dev/null 2>&1; then
	echo "  rust 1.95.0 is missing: $install" >&2
	exit 3
fi

# wasm32-wasip2 makes components by itself: std imports WASI, and the world that
# wit-bindgen generates for is in the module.
cd "$here"
CARGO_TARGET_DIR=$tmp/target rustup run 1.95.0 cargo build --quiet --release --locked --target wasm32-wasip2
install -m 644 "$tmp/target/wasm32-wasip2/release/server.wasm" server.wasm
echo "  wasihttp/testdata/server.wasm"
