module github.com/witgen/witgen

go 1.26.0

require (
	github.com/dave/jennifer v1.7.1
	github.com/tetratelabs/wazero v1.12.0
	golang.org/x/tools v0.52.0
)

require golang.org/x/sys v0.49.0 // indirect
