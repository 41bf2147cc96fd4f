#!/bin/sh
# Builds the Rust guests. Needs Go and, of Debian, what the line below names. Exit status 3: a tool is missing.
#
# With a toolchain of rustup none of this is needed: `rustup target add wasm32-wasip2` once, then
# `cargo build --release --target wasm32-wasip2` writes components. Those import WASI; the ones built here
# import nothing but the host's interface, and Debian has the compiler without a std for WebAssembly.
set -eu
packages='rustc-web cargo-web rust-web-src rust-web-llvm lld-19'

cd "$(dirname "$0")"
for tool in /usr/bin/rustc /usr/bin/cargo /usr/lib/rustlib/src/rust/library/std/Cargo.toml /usr/bin/wasm-ld-19; do
	if ! [ -e "$tool" ]; then
		echo "rust: no $tool: apt-get install --no-install-recommends $packages" >&2
		exit 3
	fi
done

target=$(mktemp -d)
trap 'rm -rf "$target"' EXIT

# RUSTC_BOOTSTRAP admits the -Z flags on a stable compiler. Panics have nowhere to print to, so the source
# locations in them would only carry paths of the building machine.
export CARGO_TARGET_DIR="$target" RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zlocation-detail=none
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-19
/usr/bin/cargo build --quiet --release --locked --target wasm32-unknown-unknown -Zbuild-std=std,panic_abort

for guest in image-processor data-processor; do
	core=$target/wasm32-unknown-unknown/release/$(echo $guest | tr - _).wasm
	go -C ../wasmtools run . component new "$core" -o "$PWD/$guest.wasm"
	chmod 644 "$guest.wasm"
done
