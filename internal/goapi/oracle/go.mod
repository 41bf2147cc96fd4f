module github.com/witgen/witgen/internal/goapi/oracle

go 1.26.0

require (
	github.com/witgen/witgen v0.0.0
	golang.org/x/exp v0.0.0-20260824195058-e88cd73687aa
)

require (
	github.com/dave/jennifer v1.7.1 // indirect
	golang.org/x/tools v0.52.0 // indirect
)

replace github.com/witgen/witgen => ../../..
