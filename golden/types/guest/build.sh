#!/usr/bin/env bash
# Rebuilds guest.wasm: the guest through which every type of types.wit goes.
here=$(cd "$(dirname "$0")" && pwd)
guests=$(cd "$here/../../../examples/plugins/guests" && pwd)
. "$guests/common.sh"

(cd "$here" && go run . ../wit >"$tmp/guest.wat")
component "$tmp/guest.wat" "$(cd "$here/../wit" && pwd)" everything "$here/guest.wasm"
