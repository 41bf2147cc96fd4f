module github.com/witgen/witgen/examples/plugins/guests/wasmtools

go 1.26.0

require (
	github.com/tetratelabs/wazero v1.12.0
	go.bytecodealliance.org v0.7.0
)

require golang.org/x/sys v0.44.0 // indirect
