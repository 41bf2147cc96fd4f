#!/usr/bin/env bash
# Builds the Rust guests with Debian's compiler, which has no std for
# WebAssembly: std is built from source along the way.
#
# With a toolchain of rustup a plugin takes two commands and no script:
#
#   rustup target add wasm32-wasip2
#   cargo build --release --target wasm32-wasip2
#
# Such a plugin imports WASI; one built here imports the host's interface alone.

guests=$(cd "$(dirname "$0")/.." && pwd)
. "$guests/common.sh"

install="apt-get install --no-install-recommends rustc-web cargo-web rust-web-src rust-web-llvm lld-19"
need /usr/bin/rustc 1.96.0 "$install"
need /usr/bin/cargo 1.96.0 "$install"
need wasm-ld-19 19.1.7 "$install"
if ! [ -e /usr/lib/rustlib/src/rust/library/std ]; then
	echo "  the source of std is missing: $install" >&2
	exit 3
fi

# RUSTC_BOOTSTRAP admits -Z. A panic has nowhere to print to: without
# their locations the guests carry no path of the machine that built them.
export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zlocation-detail=none CARGO_TARGET_DIR=$tmp/target
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-19
cd "$guests/rust"
/usr/bin/cargo build --quiet --release --locked --target wasm32-unknown-unknown -Zbuild-std=std,panic_abort

# wit-bindgen has embedded the contract, so only the last step is left.
for name in image-processor data-processor; do
	wasm_tools component new "$CARGO_TARGET_DIR/wasm32-unknown-unknown/release/${name/-/_}.wasm" -o "$tmp/$name.wasm"
	chmod 644 "$tmp/$name.wasm"
	mv "$tmp/$name.wasm" "$name.wasm"
	echo "  rust/$name.wasm"
done
