#!/usr/bin/env bash
# Builds a guest for each version of the world tracks.

here=$(cd "$(dirname "$0")" && pwd)
guests=$(cd "$here/../../../examples/plugins/guests" && pwd)
. "$guests/common.sh"
. "$guests/rust/compile.sh"

cd "$here"
compile_rust
for version in 0.1 0.2 0.3; do
	RUSTC=/usr/bin/rustc CARGO_TARGET_DIR=$tmp/native /usr/bin/cargo run --quiet --locked \
		--manifest-path ../../collections/testdata/component/Cargo.toml -- "$modules/v${version/./_}.wasm" "$tmp/v$version.wasm"
	chmod 644 "$tmp/v$version.wasm"
	mv "$tmp/v$version.wasm" "v$version.wasm"
done
echo "  tracks/testdata/v0.1.wasm v0.2.wasm v0.3.wasm"
