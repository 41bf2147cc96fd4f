#!/usr/bin/env bash
# Builds the guests and writes their checksums.
#
#   build.sh            every guest that can be built again byte for byte
#   build.sh c go       the named ones only, out of: c go rust js broken golden
#
# Without arguments, a guest whose tools are missing is skipped and keeps the
# component that is committed; a guest that is named has to build. README.md
# says how each one is built.

guests=$(cd "$(dirname "$0")" && pwd)
. "$guests/common.sh"

golden=$(cd "$guests/../../../golden" && pwd)
export WASMTOOLS=$tmp/wasmtools
go build -C "$guests/wasmtools" -o "$WASMTOOLS" .

# build NAME: runs the scripts of one kind of guest, with the first exit code
# that is not 0.
build() {
	local script scripts=("$guests/$1/build.sh")
	if [ "$1" = golden ]; then
		scripts=("$golden"/*/testdata/build.sh)
	fi
	echo "$1:"
	for script in "${scripts[@]}"; do
		"$script" || return
	done
}

# sums DIR PATTERN: prints a line for each committed component there.
sums() { (cd "$1" && sha256sum -- $2); }

status=0
if [ $# -gt 0 ]; then
	for name in "$@"; do
		case $name in
		c | go | rust | js | broken | golden) build "$name" || status=1 ;;
		*) echo "no such guest: $name; want c, go, rust, js, broken or golden" >&2; exit 2 ;;
		esac
	done
else
	for name in c go rust broken golden; do
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
sums "$golden" '*/testdata/*.wasm' >"$golden/SHA256SUMS"
exit $status
