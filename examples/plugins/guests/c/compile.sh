# How a freestanding C guest is compiled; sourced after common.sh.

need clang-19 19.1.7 "apt-get install --no-install-recommends clang-19 lld-19"
need wasm-ld-19 19.1.7 "apt-get install --no-install-recommends clang-19 lld-19"

# compile_c CORE SOURCES...: compiles the sources to the core module CORE. The
# stack lies below the data, so that overflowing it traps. Names stay in, for
# the traces of traps; that of the module is CORE's file name.
compile_c() {
	local core=$1
	shift
	clang-19 --target=wasm32-unknown-unknown -std=c17 -O2 -Wall -Wextra -Werror \
		-ffreestanding -mbulk-memory -nostdlib -I "$guests/c" \
		-Wl,--no-entry -Wl,--stack-first -Wl,-z,stack-size=16384 -Wl,--strip-debug \
		-o "$core" "$@"
}
