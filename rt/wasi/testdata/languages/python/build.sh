#!/usr/bin/env bash
# Builds guests in Python, which have an interpreter of 18 MB in them, into
# .cache/guests. Two builds of one source differ.

here=$(cd "$(dirname "$0")" && pwd)
guests=$(cd "$here/../../../../../examples/plugins/guests" && pwd)
. "$guests/common.sh"

if ! python3 -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
	echo "  python3 3.10 or later with venv is missing: apt-get install python3-venv" >&2
	exit 3
fi
tool=$cache/python-0.24.0
if ! [ -x "$tool/bin/componentize-py" ]; then
	rm -rf "$tool"
	python3 -m venv "$tool"
	"$tool/bin/pip" install --quiet --disable-pip-version-check componentize-py==0.24.0
fi

# guest SOURCE WIT WORLD NAME: runs on a copy of the source, beside which Python
# writes.
guest() {
	mkdir "$tmp/$4"
	cp "$1" "$tmp/$4"
	(cd "$tmp/$4" && "$tool/bin/componentize-py" --quiet --wit-path "$2" --world "$3" componentize "$(basename "$1" .py)" -o "$tmp/guest.wasm") \
		>"$tmp/log" 2>&1 || { cat "$tmp/log" >&2; exit 1; }
	keep "$tmp/guest.wasm" "$4"
}

guest "$here/command.py" "$wasi" witgen:wasi/command@0.2.12 python
guest "$guests/python/data_processor.py" "$wit_0_1" plugin python-plugin
