module github.com/witgen/witgen/examples/plugins/guests/go

go 1.26.0
