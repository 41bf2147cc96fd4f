package main

// #include <stdlib.h>
// #include "component.h"
import "C"

import (
	"errors"
	"os"
	"unsafe"

	_ "github.com/bytecodealliance/wasmtime-go/v44" // brings the library and its linker flags

	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/rt/cm"
)

// wasmtime runs the same components as witgen, through Wasmtime's C API for
// components. wasmtime-go wraps only the API for core modules, so the calls of
// the C API are in component.c. Values are dynamic there: each call builds them,
// tagged with their kinds and field names, and takes the result apart.
type wasmtime struct {
	calls, plugin               *C.instance
	addFunc, echoFunc, procFunc C.component_func

	// What calls hand over and get back, here so that it is not allocated for each.
	text     []byte
	lens     []C.uint32_t
	sum      C.uint32_t
	echoed   C.text
	response C.process_response
}

func newWasmtime() (peer, error) {
	w := &wasmtime{}
	var err error
	if w.calls, err = openInstance(callsGuest); err != nil {
		return nil, err
	}
	if w.plugin, err = openInstance(processGuest); err != nil {
		w.close()
		return nil, err
	}
	err = errors.Join(
		findFunc(w.calls, "witgen:calls/guest@0.1.0", "add", &w.addFunc),
		findFunc(w.calls, "witgen:calls/guest@0.1.0", "echo", &w.echoFunc),
		findFunc(w.plugin, "witgen:plugins/plugin-api@0.1.0", "process", &w.procFunc),
	)
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func openInstance(path string) (*C.instance, error) {
	wasm, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var in *C.instance
	err = errorOf(C.instance_open((*C.uint8_t)(unsafe.SliceData(wasm)), C.size_t(len(wasm)), &in))
	return in, err
}

func findFunc(in *C.instance, iface, name string, f *C.component_func) error {
	ci, cn := C.CString(iface), C.CString(name)
	defer C.free(unsafe.Pointer(ci))
	defer C.free(unsafe.Pointer(cn))
	return errorOf(C.instance_func(in, ci, cn, f))
}

// errorOf takes an error's text from C, which it frees.
func errorOf(text *C.char) error {
	if text == nil {
		return nil
	}
	defer C.free(unsafe.Pointer(text))
	return errors.New("wasmtime: " + C.GoString(text))
}

// stringOf copies a text out of C.
func stringOf(t C.text) string {
	return C.GoStringN(t.ptr, C.int(t.len))
}

func (w *wasmtime) add(a, b uint32) (uint32, error) {
	err := errorOf(C.call_add(w.calls, &w.addFunc, C.uint32_t(a), C.uint32_t(b), &w.sum))
	return uint32(w.sum), err
}

func (w *wasmtime) echo(s string) (string, error) {
	if err := errorOf(C.call_echo(w.calls, &w.echoFunc, chars(unsafe.StringData(s)), C.size_t(len(s)), &w.echoed)); err != nil {
		return "", err
	}
	return stringOf(w.echoed), nil
}

func (w *wasmtime) process() (string, bool, error) {
	resp, err := w.call(&processRequest)
	return resp.Output, resp.Success, err
}

func (w *wasmtime) call(req *pluginapi.ProcessRequest) (resp pluginapi.ProcessResponse, err error) {
	w.text = append(w.text[:0], req.Input...)
	w.lens = append(w.lens[:0], C.uint32_t(len(req.Input)))
	for _, o := range req.Options {
		w.text = append(append(w.text, o.F0...), o.F1...)
		w.lens = append(w.lens, C.uint32_t(len(o.F0)), C.uint32_t(len(o.F1)))
	}
	err = errorOf(C.call_process(w.plugin, &w.procFunc, chars(unsafe.SliceData(w.text)), unsafe.SliceData(w.lens), C.size_t(len(w.lens)), &w.response))
	if err != nil {
		return resp, err
	}
	out := &w.response
	resp.Output, resp.Success = stringOf(out.output), bool(out.success)
	if out.has_error_message {
		resp.ErrorMessage = cm.Some(stringOf(out.error_message))
	}
	return resp, nil
}

func chars(p *byte) *C.char { return (*C.char)(unsafe.Pointer(p)) }

func (w *wasmtime) close() {
	for _, in := range []*C.instance{w.calls, w.plugin} {
		if in != nil {
			C.instance_close(in)
		}
	}
}
