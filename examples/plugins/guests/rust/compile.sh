# compile_rust: builds the crate or the workspace in the current directory with
# Debian's compiler, which has no std for WebAssembly: std is built from source
# along the way. The core modules land in $modules.

modules=$tmp/target/wasm32-unknown-unknown/release

compile_rust() {
	local install="apt-get install --no-install-recommends rustc-web cargo-web rust-web-src rust-web-llvm lld-19"
	need /usr/bin/rustc 1.96.0 "$install"
	need /usr/bin/cargo 1.96.0 "$install"
	need wasm-ld-19 19.1.7 "$install"
	if ! [ -e /usr/lib/rustlib/src/rust/library/std ]; then
		echo "  the source of std is missing: $install" >&2
		exit 3
	fi
	# RUSTC_BOOTSTRAP admits -Z. A panic has nowhere to print to: without
	# their locations the guests carry no path of the machine that built them.
	RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zlocation-detail=none \
		CARGO_TARGET_DIR=$tmp/target CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-19 \
		/usr/bin/cargo build --quiet --release --locked --target wasm32-unknown-unknown -Zbuild-std=std,panic_abort
}
