package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/rt/cm"
)

// Guests that witgen and Wasmtime run. Their paths are relative to this directory.
const (
	callsGuest   = "../../golden/calls/testdata/calls.wasm"
	processGuest = "../../examples/plugins/golden/components/c-image-processor@0.1.0.wasm"
)

// A peer is one way to call a guest.
type peer interface {
	add(a, b uint32) (uint32, error)
	echo(s string) (string, error)
	close()
}

// A processor is a peer with records: process hands over processRequest, which
// the peer has at hand in types of its own, and returns two of the three fields
// of the response once all three are in Go's memory.
type processor interface {
	process() (output string, success bool, err error)
}

var processRequest = pluginapi.ProcessRequest{
	Input:   "cat.png",
	Options: []cm.Tuple2[string, string]{cm.T2("format", "webp"), cm.T2("quality", "80")},
}

const processOutput = "processed: cat.png"

// peers are the columns of the table. The module is where the version that
// stands beside the name comes from.
var peers = []struct {
	name, module string
	open         func() (peer, error)
}{
	{"witgen", "", newWitgen},
	{"Wasmtime C API", "github.com/bytecodealliance/wasmtime-go/v44", newWasmtime},
	{"Extism", "github.com/extism/go-sdk", newExtism},
	{"go-plugin", "github.com/hashicorp/go-plugin", newGoPlugin},
}

// works are the rows of the table. Each fails if the answer is wrong.
var works = []struct {
	name  string
	bench func(b *testing.B, p peer)
}{
	{"add(u32, u32)", benchAdd},
	{"echo of 16 bytes", func(b *testing.B, p peer) { benchEcho(b, p, 16) }},
	{"echo of 64 KiB", func(b *testing.B, p peer) { benchEcho(b, p, 64<<10) }},
	{"process(record)", benchProcess},
}

func benchAdd(b *testing.B, p peer) {
	b.ReportAllocs()
	for b.Loop() {
		if v, err := p.add(1, 2); err != nil || v != 3 {
			b.Fatal(v, err)
		}
	}
}

func benchEcho(b *testing.B, p peer, n int) {
	s := strings.Repeat("x", n)
	b.ReportAllocs()
	for b.Loop() {
		if v, err := p.echo(s); err != nil || len(v) != n {
			b.Fatal(len(v), err)
		}
	}
}

func benchProcess(b *testing.B, p peer) {
	q, ok := p.(processor)
	if !ok {
		b.Skip("no records")
	}
	b.ReportAllocs()
	for b.Loop() {
		if out, success, err := q.process(); err != nil || !success || out != processOutput {
			b.Fatal(out, success, err)
		}
	}
}

// openAll opens every peer. The caller closes them.
func openAll() ([]peer, error) {
	var open []peer
	for _, p := range peers {
		q, err := p.open()
		if err != nil {
			closeAll(open)
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		open = append(open, q)
	}
	return open, nil
}

func closeAll(open []peer) {
	for _, p := range open {
		p.close()
	}
}
