#!/usr/bin/env bash
# Builds the Rust guests.
#
# With a toolchain of rustup a plugin takes two commands and no script:
#
#   rustup target add wasm32-wasip2
#   cargo build --release --target wasm32-wasip2
#
# Such a plugin imports WASI; one built here imports the host's interface alone.

guests=$(cd "$(dirname "$0")/.." && pwd)
. "$guests/common.sh"
. "$guests/rust/compile.sh"

cd "$guests/rust"
compile_rust

# wit-bindgen has embedded the contract, so only the last step is left.
for name in image-processor data-processor; do
	wasm_tools component new "$modules/${name/-/_}.wasm" -o "$tmp/$name.wasm"
	chmod 644 "$tmp/$name.wasm"
	mv "$tmp/$name.wasm" "$name.wasm"
	echo "  rust/$name.wasm"
done
