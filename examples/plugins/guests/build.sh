#!/usr/bin/env bash
# Builds the guests and writes their checksums.
#
#   build.sh            every guest but those of js, which differ with every build
#   build.sh c go       the named ones only, out of those below
#
# Without arguments, a guest whose tools are missing is skipped and keeps the
# component that is committed; a guest that is named has to build. README.md
# says how each one is built.

guests=$(cd "$(dirname "$0")" && pwd)
. "$guests/common.sh"

root=$(cd "$guests/../../.." && pwd)
languages=rt/wasi/testdata/languages

# What the names stand for: directories that have a build.sh.
declare -A kinds=(
	[c]=examples/plugins/guests/c
	[go]=examples/plugins/guests/go
	[rust]=examples/plugins/guests/rust
	[js]="examples/plugins/guests/js $languages/js"
	[broken]=examples/plugins/guests/broken
	[golden]=$(cd "$root" && echo golden/*/testdata)
	[wasi]="rt/wasi/testdata rt/wasi/wasihttp/testdata"
	[languages]=$languages
	[starling]=$languages/starling
	[python]=$languages/python
)

export WASMTOOLS=$tmp/wasmtools
go build -C "$guests/wasmtools" -o "$WASMTOOLS" .

# build NAME: runs the scripts of one kind of guest, with the first exit code
# that is not 0.
build() {
	local dir
	echo "$1:"
	for dir in ${kinds[$1]}; do
		"$root/$dir/build.sh" || return
	done
}

# sums DIR PATTERN: prints a line for each committed component there.
sums() { (cd "$1" && sha256sum -- $2); }

status=0
if [ $# -gt 0 ]; then
	for name in "$@"; do
		if [ -z "${kinds[$name]:-}" ]; then
			echo "no such guest: $name; want one of ${!kinds[*]}" >&2
			exit 2
		fi
		build "$name" || status=1
	done
else
	for name in c go rust broken golden wasi languages starling python; do
		code=0
		build "$name" || code=$?
		case $code in
		0) ;;
		3) echo "  skipped" ;;
		*) status=1 ;;
		esac
	done
	echo "js:"
	echo "  skipped: QuickJS guests differ a little with every build; build.sh js makes new ones"
fi

sums "$guests" '*/*.wasm' >"$guests/SHA256SUMS"
sums "$root/golden" '*/testdata/*.wasm' >"$root/golden/SHA256SUMS"
sums "$root/rt/wasi" 'testdata/*.wasm testdata/*/*.wasm */testdata/*.wasm' >"$root/rt/wasi/SHA256SUMS"
exit $status
