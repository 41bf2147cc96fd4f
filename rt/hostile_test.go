package rt_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

var hostile = guests.Plugin("broken/hostile")

const processExport = "witgen:plugins/plugin-api@0.1.0#process"

// TestHostile has a guest break a rule at a time. Whatever it does, the call
// fails with an error that says what was called and why it failed, the instance
// is dead, and the next one works.
func TestHostile(t *testing.T) {
	tests := []struct {
		name  string // what the guest is asked for
		armed bool   // it answers, and breaks the rule in the call after
		kind  rt.TrapKind
		text  []string
	}{
		{name: "trap", kind: rt.TrapUnreachable, text: []string{"wasm `unreachable` instruction executed", "do_trap"}},
		{name: "recurse", kind: rt.TrapStack, text: []string{"call stack exhausted"}},
		{name: "result-pointer", kind: rt.TrapABI, text: []string{"pointer 0xffff0000", "outside a memory"}},
		{name: "result-unaligned", kind: rt.TrapABI, text: []string{"unaligned pointer"}},
		{name: "string-pointer", kind: rt.TrapABI, text: []string{"string pointer/length out of bounds of memory", "5 bytes at 0xffff0000"}},
		{name: "string-length", kind: rt.TrapABI, text: []string{"string pointer/length out of bounds of memory", "2147483647 bytes"}},
		{name: "utf8", kind: rt.TrapABI, text: []string{"invalid utf-8 sequence from index 0"}},
		{name: "utf8-truncated", kind: rt.TrapABI, text: []string{"incomplete utf-8 byte sequence from index 2"}},
		{name: "discriminant", kind: rt.TrapABI, text: []string{"discriminant 7 out of range [0..2)"}},
		{name: "host-pointer", kind: rt.TrapABI, text: []string{"host-api@0.1.0#log-message", "string pointer/length out of bounds of memory"}},
		{name: "host-utf8", kind: rt.TrapABI, text: []string{"host-api@0.1.0#log-message", "invalid utf-8"}},
		{name: "host-result", kind: rt.TrapABI, text: []string{"host-api@0.1.0#get-config", "pointer 0xffff0000"}},
		{name: "host-unaligned", kind: rt.TrapABI, text: []string{"host-api@0.1.0#get-config", "unaligned pointer"}},
		{name: "post-return", kind: rt.TrapUnreachable, text: []string{"post-return: wasm `unreachable` instruction executed"}},
		{name: "post-return-host", kind: rt.TrapABI, text: []string{"host-api@0.1.0#log-message", "cannot leave component instance"}},
		{name: "realloc-outside", armed: true, kind: rt.TrapABI, text: []string{"realloc return: beyond end of memory"}},
		{name: "realloc-unaligned", armed: true, kind: rt.TrapABI, text: []string{"realloc return: result not aligned"}},
		{name: "realloc-trap", armed: true, kind: rt.TrapUnreachable, text: []string{"realloc: wasm `unreachable` instruction executed"}},
		{name: "realloc-host", armed: true, kind: rt.TrapABI, text: []string{"host-api@0.1.0#log-message", "cannot leave component instance"}},
	}
	ctx := context.Background()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := &host{}
			p := start(t, hostile, h).PluginAPI
			out, err := p.Process(ctx, pluginapi.ProcessRequest{Input: test.name})
			if test.armed {
				if err != nil || out.Output != test.name {
					t.Fatalf("arming = %v, %v", out, err)
				}
				_, err = p.Process(ctx, pluginapi.ProcessRequest{Input: "x", Options: []cm.Tuple2[string, string]{cm.T2("a", "b")}})
			}
			trap, ok := errors.AsType[*rt.Trap](err)
			if !ok {
				t.Fatalf("process = %v, %v; want a trap", out, err)
			}
			if trap.Kind != test.kind || trap.Export != processExport {
				t.Errorf("trap of kind %v in %s, want %v in %s", trap.Kind, trap.Export, test.kind, processExport)
			}
			for _, want := range append(test.text, processExport, "wasm trap: ") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q lacks %q", err, want)
				}
			}
			if len(h.seen) > 0 {
				t.Errorf("the host function ran: %q", h.seen)
			}
			wantDead(t, p)
			wantAlive(t, start(t, hostile, h).PluginAPI)
		})
	}
}

// wantDead checks that an instance answers no more, and says why.
func wantDead(t *testing.T, p pluginapi.PluginAPI) {
	t.Helper()
	_, err := p.GetMetadata(context.Background())
	trap, ok := errors.AsType[*rt.Trap](err)
	if !ok || trap.Kind != rt.TrapDead || !strings.Contains(err.Error(), "cannot enter component instance") {
		t.Errorf("call after a trap: %v", err)
	}
}

func wantAlive(t *testing.T, p pluginapi.PluginAPI) {
	t.Helper()
	out, err := p.Process(context.Background(), pluginapi.ProcessRequest{Input: "hello"})
	if err != nil || out.Output != "hello" {
		t.Errorf("process = %v, %v", out, err)
	}
}

func TestHostileResult(t *testing.T) {
	ctx := context.Background()
	p := start(t, hostile, &host{}).PluginAPI
	err := p.Initialize(ctx, []cm.Tuple2[string, string]{cm.T2("fail", "no disk")})
	if !errors.Is(err, cm.Err[string]{Value: "no disk"}) {
		t.Errorf("initialize = %v", err)
	}
	wantAlive(t, p)
	err = p.Initialize(ctx, []cm.Tuple2[string, string]{cm.T2("result-discriminant", "")})
	if err == nil || !strings.Contains(err.Error(), "plugin-api@0.1.0#initialize: wasm trap: invalid variant discriminant: discriminant 9 out of range [0..2)") {
		t.Errorf("initialize = %v", err)
	}
	wantDead(t, p)
}

// TestLegal has the guest do what looks wrong but is not.
func TestLegal(t *testing.T) {
	ctx := context.Background()
	p := start(t, hostile, &host{}).PluginAPI
	out, err := p.Process(ctx, pluginapi.ProcessRequest{Input: "bool"})
	if err != nil || !out.Success {
		t.Errorf("a bool of 2 = %v, %v; want true", out, err)
	}
	if _, err := p.Process(ctx, pluginapi.ProcessRequest{Input: "realloc-grow"}); err != nil {
		t.Fatal(err)
	}
	// From here each string that is lowered moves the memory.
	var options []cm.Tuple2[string, string]
	for i := range 50 {
		options = append(options, cm.T2(fmt.Sprint("name ", i), strings.Repeat("v", 1000)))
	}
	long := strings.Repeat("0123456789", 20_000)
	out, err = p.Process(ctx, pluginapi.ProcessRequest{Input: long, Options: options})
	if err != nil || out.Output != long {
		t.Errorf("process while memory grows = %.40q, %v", out.Output, err)
	}
}

// TestPostReturn counts: post-return runs once for each call that succeeds.
func TestPostReturn(t *testing.T) {
	ctx := context.Background()
	p := start(t, hostile, &host{}).PluginAPI
	for range 3 {
		wantAlive(t, p)
	}
	if err := p.Initialize(ctx, []cm.Tuple2[string, string]{cm.T2("fail", "x")}); err == nil {
		t.Error("initialize did not fail")
	}
	out, err := p.Process(ctx, pluginapi.ProcessRequest{Input: "counts"})
	// Reallocs: a string and an empty list for each of four calls, and a list
	// of one pair of strings for initialize.
	if err != nil || out.Output != "4,11" {
		t.Errorf("counts = %q, %v; want 4,11", out.Output, err)
	}
}

// TestKept checks that lifted values are copies.
func TestKept(t *testing.T) {
	ctx := context.Background()
	p := start(t, hostile, &host{}).PluginAPI
	first, err := p.Process(ctx, pluginapi.ProcessRequest{Input: "first value"})
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if _, err := p.Process(ctx, pluginapi.ProcessRequest{Input: "other value"}); err != nil {
			t.Fatal(err)
		}
	}
	if first.Output != "first value" {
		t.Errorf("the kept string became %q", first.Output)
	}
}

// TestBadHostString lowers a string that is not UTF-8: the call fails before
// the guest sees any of it, and the guest lives on.
func TestBadHostString(t *testing.T) {
	ctx := context.Background()
	p := start(t, hostile, &host{}).PluginAPI
	_, err := p.Process(ctx, pluginapi.ProcessRequest{Input: "a\xffb"})
	if _, isTrap := errors.AsType[*rt.Trap](err); err == nil || isTrap || !strings.Contains(err.Error(), `plugin-api@0.1.0#process: string "a\xffb" is not valid UTF-8`) {
		t.Errorf("process = %v", err)
	}
	out, err := p.Process(ctx, pluginapi.ProcessRequest{Input: "counts"})
	if err != nil || out.Output != "0,2" { // the two of this call
		t.Errorf("counts = %q, %v; want 0,2", out.Output, err)
	}
}

func TestHostFails(t *testing.T) {
	ctx := context.Background()
	broken := errors.New("pipe is gone")
	tests := []struct {
		name string
		emit func() error
		kind rt.TrapKind
		text string
		is   error
	}{
		{"error", func() error { return broken }, rt.TrapHost, "emit-event: pipe is gone", broken},
		{"wrapped", func() error { return fmt.Errorf("emit: %w", broken) }, rt.TrapHost, "emit-event: emit: pipe is gone", broken},
		{"panic with a string", func() error { panic("on purpose") }, rt.TrapHostPanic, "emit-event: host function panicked: on purpose", nil},
		{"panic with an error", func() error { panic(broken) }, rt.TrapHostPanic, "host function panicked: pipe is gone", broken},
		{"nil map", func() error { writes(nil); return nil }, rt.TrapHostPanic, "assignment to entry in nil map", nil},
		{"not UTF-8", func() error { return cm.Errorf("\xff") }, rt.TrapHost, "is not valid UTF-8", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := start(t, hostile, &host{emit: func(context.Context, string, string) error { return test.emit() }}).PluginAPI
			_, err := p.Process(ctx, pluginapi.ProcessRequest{Input: "emit"})
			trap, ok := errors.AsType[*rt.Trap](err)
			if !ok || trap.Kind != test.kind || !strings.Contains(err.Error(), test.text) {
				t.Fatalf("process = %v (%v); want %v with %q", err, trap, test.kind, test.text)
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%v does not wrap %v", err, test.is)
			}
			wantDead(t, p)
		})
	}
	t.Run("unimplemented", func(t *testing.T) {
		p, err := prepare(t, hostile).Instantiate(ctx, plugin.Imports{HostAPI: unimplemented{}}, rt.InstanceConfig{})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close(ctx)
		_, err = p.PluginAPI.Process(ctx, pluginapi.ProcessRequest{Input: "emit"})
		if !errors.Is(err, rt.ErrUnimplemented) {
			t.Errorf("process = %v; want ErrUnimplemented", err)
		}
	})
	t.Run("nil", func(t *testing.T) {
		_, err := prepare(t, hostile).Instantiate(ctx, plugin.Imports{}, rt.InstanceConfig{})
		missing, ok := errors.AsType[*rt.NilImportError](err)
		if want := (rt.NilImportError{Field: "plugin.Imports.HostAPI", For: "witgen:plugins/host-api@0.1.0"}); !ok || *missing != want {
			t.Fatalf("instantiate = %#v", err)
		}
		if want := "plugin.Imports.HostAPI is nil (witgen:plugins/host-api@0.1.0)"; err.Error() != want {
			t.Errorf("got %s", err)
		}
	})
}

// writes panics for a nil map.
func writes(m map[string]int) { m["x"] = 1 }

func TestRefused(t *testing.T) {
	whole, err := os.ReadFile(guests.Plugin("rust/data-processor"))
	if err != nil {
		t.Fatal(err)
	}
	file := func(name string) []byte {
		b, err := os.ReadFile(guests.Plugin("broken/" + name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	tests := []struct {
		name string
		wasm []byte
		not  bool // no component at all
		text []string
	}{
		{"core module", []byte("\x00asm\x01\x00\x00\x00"), true, []string{"not a component: core module (layer 0)"}},
		{"ELF", []byte("\x7fELF\x02\x01\x01"), true, []string{"not wasm: starts with 7f 45 4c 46"}},
		{"empty", nil, true, []string{"not wasm: empty input"}},
		{"truncated", whole[:len(whole)/2], true, []string{"unexpected end", "at 0x"}},
		{"other world", file("other"), false, []string{`missing export "witgen:plugins/plugin-api@0.1.0"`, "witgen:plugins/plugin@0.1.0"}},
		{"changed types", file("changed"), false, []string{
			`"witgen:plugins/host-api@0.1.0": function "get-config": host has func(key: string) -> option<string>, component wants func(key: string) -> option<list<u8>>`,
			`"witgen:plugins/host-api@0.1.0": function "emit-event"`,
			`export "witgen:plugins/plugin-api@0.1.0": function "process": component has`,
		}},
	}
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := e.Compile(context.Background(), test.wasm)
			if err == nil {
				_, err = plugin.Prepare(c)
			}
			if err == nil {
				t.Fatal("was not refused")
			}
			if errors.Is(err, rt.ErrNotComponent) != test.not {
				t.Errorf("%v: is ErrNotComponent: %v, want %v", err, !test.not, test.not)
			}
			if _, ok := errors.AsType[*rt.LinkError](err); ok == test.not {
				t.Errorf("%v: is a LinkError: %v, want %v", err, ok, !test.not)
			}
			for _, want := range test.text {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q lacks %q", err, want)
				}
			}
		})
	}
}

// TestCut cuts a component short and flips its bits: each is refused or
// compiled, and the engine goes on.
func TestCut(t *testing.T) {
	wasm, err := os.ReadFile(guests.Plugin("broken/other"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	e, err := rt.NewEngine(ctx, rt.Config{Interpreter: true})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(ctx)
	compile := func(what string, n int, wasm []byte) {
		c, err := e.Compile(ctx, wasm) // must not panic
		if err != nil {
			return
		}
		if err := c.Close(ctx); err != nil {
			t.Errorf("%s at %d: close: %v", what, n, err)
		}
	}
	for n := range wasm {
		compile("cut", n, wasm[:n])
		flipped := slices.Clone(wasm)
		flipped[n] ^= 0xff
		compile("flipped", n, flipped)
	}
	if _, err := e.Compile(ctx, wasm); err != nil {
		t.Errorf("the whole component: %v", err)
	}
}
