#!/usr/bin/env bash
# Builds the guest of the world collections.

here=$(cd "$(dirname "$0")" && pwd)
guests=$(cd "$here/../../../examples/plugins/guests" && pwd)
. "$guests/common.sh"
. "$guests/rust/compile.sh"

cd "$here"
compile_rust
RUSTC=/usr/bin/rustc CARGO_TARGET_DIR=$tmp/native /usr/bin/cargo run --quiet --locked \
	--manifest-path component/Cargo.toml -- "$modules/collections.wasm" "$tmp/collections.wasm"
chmod 644 "$tmp/collections.wasm"
mv "$tmp/collections.wasm" collections.wasm
echo "  collections/testdata/collections.wasm"
