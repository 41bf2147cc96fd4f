package main

import (
	"context"
	_ "embed"
	"encoding/binary"
	"fmt"
	"unsafe"

	extismsdk "github.com/extism/go-sdk"

	wasmtimego "github.com/bytecodealliance/wasmtime-go/v44"
)

//go:embed testdata/extism.wat
var extismGuest string

// extism calls a guest of Extism's ABI, where every function takes bytes and
// returns bytes and a guest is a core module. There are no records: what bytes
// mean is between host and guest.
type extism struct{ plugin *extismsdk.Plugin }

func newExtism() (peer, error) {
	wasm, err := wasmtimego.Wat2Wasm(extismGuest)
	if err != nil {
		return nil, err
	}
	manifest := extismsdk.Manifest{Wasm: []extismsdk.Wasm{extismsdk.WasmData{Data: wasm}}}
	p, err := extismsdk.NewPlugin(context.Background(), manifest, extismsdk.PluginConfig{}, nil)
	if err != nil {
		return nil, err
	}
	return &extism{p}, nil
}

func (x *extism) add(a, b uint32) (uint32, error) {
	var in [8]byte
	binary.LittleEndian.PutUint32(in[:], a)
	binary.LittleEndian.PutUint32(in[4:], b)
	out, err := x.call("add", in[:])
	if err != nil {
		return 0, err
	}
	if len(out) != 8 {
		return 0, fmt.Errorf("extism: %d bytes, want 8", len(out))
	}
	return binary.LittleEndian.Uint32(out), nil
}

// echo spares Extism the copies between string and bytes: a host of its own has
// bytes at hand.
func (x *extism) echo(s string) (string, error) {
	out, err := x.call("echo", unsafe.Slice(unsafe.StringData(s), len(s)))
	return unsafe.String(unsafe.SliceData(out), len(out)), err
}

func (x *extism) call(name string, in []byte) ([]byte, error) {
	code, out, err := x.plugin.Call(name, in)
	if err == nil && code != 0 {
		err = fmt.Errorf("extism: %s returned %d", name, code)
	}
	return out, err
}

func (x *extism) close() { x.plugin.Close(context.Background()) }
