// Package optional_test puts the golden bindings of the world optional to work:
// with a component that exports all of it, and with one that was built before
// there was as much.
package optional_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/witgen/witgen/golden/optional/extra"
	"github.com/witgen/witgen/golden/optional/handler"
	"github.com/witgen/witgen/golden/optional/optional"
	"github.com/witgen/witgen/golden/optional/optional/status"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// start starts an instance of a guest.
func start(t *testing.T, guest string) *optional.Optional {
	t.Helper()
	ctx := t.Context()
	engine, err := rt.NewEngine(ctx, rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	wasm, err := os.ReadFile("testdata/" + guest + ".wasm")
	if err != nil {
		t.Fatal(err)
	}
	component, err := engine.Compile(ctx, wasm)
	if err != nil {
		t.Fatal(err)
	}
	p, err := optional.Instantiate(ctx, component, optional.Imports{}, rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// required calls what every component has, and returns a session.
func required(t *testing.T, p *optional.Optional) handler.Session {
	t.Helper()
	ctx := t.Context()
	if n, err := p.Run(ctx, 41); err != nil || n != 42 {
		t.Errorf("run = %d, %v", n, err)
	}
	if s, err := p.Handler.Handle(ctx, "gopher"); err != nil || s != "hello gopher" {
		t.Errorf("handle = %q, %v", s, err)
	}
	session, err := p.Handler.NewSession(ctx, 7)
	if err != nil {
		t.Fatal(err)
	}
	for want := range uint32(3) {
		if n, err := session.Next(ctx); err != nil || n != 7+want {
			t.Errorf("next = %d, %v, want %d", n, err, 7+want)
		}
	}
	return session
}

func TestPresent(t *testing.T) {
	ctx := t.Context()
	p := start(t, "full")
	session := required(t, p)
	if !p.HasHandlerSessionRewind() || !p.HasHandlerFlush() || !p.HasReset() || !p.HasStatusCount() {
		t.Error("a function that the component exports is said to be lacking")
	}
	if err := session.Rewind(ctx); err != nil {
		t.Error(err)
	}
	if n, err := session.Next(ctx); err != nil || n != 7 {
		t.Errorf("next = %d, %v after a rewind, want 7", n, err)
	}
	if n, err := p.Handler.Flush(ctx, 1); err != nil || n != 1 {
		t.Errorf("flush = %d, %v", n, err)
	}
	_, err := p.Handler.Flush(ctx, 2)
	if e, ok := errors.AsType[cm.Err[string]](err); !ok || e.Value != "too few" {
		t.Errorf("flush = %v", err)
	}
	notes(t, p)
	x, ok := p.Extra.Get()
	if !ok {
		t.Fatal("extra is said to be lacking")
	}
	if s, err := x.Farewell(ctx, "gopher"); err != nil || s != "goodbye gopher" {
		t.Errorf("farewell = %q, %v", s, err)
	}
	mark, err := x.Last(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := mark.Value(ctx); err != nil || n != 1 {
		t.Errorf("mark = %d, %v", n, err)
	}
	s, ok := p.Status.Get()
	if !ok {
		t.Fatal("status is said to be lacking")
	}
	if text, err := s.Report(ctx); err != nil || text != "well" {
		t.Errorf("report = %q, %v", text, err)
	}
	for want := range uint32(2) {
		if n, err := p.Reset(ctx); err != nil || n != want+1 {
			t.Errorf("reset = %d, %v, want %d", n, err, want+1)
		}
	}
	if n, err := s.Count(ctx); err != nil || n != 0 {
		t.Errorf("count = %d, %v", n, err)
	}
	for _, c := range []interface{ Close(context.Context) error }{session, mark, p} {
		if err := c.Close(ctx); err != nil {
			t.Error(err)
		}
	}
	if _, err := p.Reset(ctx); !errors.Is(err, rt.ErrClosed) {
		t.Errorf("reset after the end: %v", err)
	}
}

// notes makes notes, whose resource is optional with all of its functions.
func notes(t *testing.T, p *optional.Optional) {
	t.Helper()
	ctx := t.Context()
	if !p.HasHandlerNewNote() || !p.HasHandlerNoteText() || !p.HasHandlerJoin() {
		t.Error("notes are said to be lacking")
	}
	first, err1 := p.Handler.NewNote(ctx, "ab")
	second, err2 := p.Handler.NewNote(ctx, "cd")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	both, err := p.Handler.Join(ctx, first, second)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := both.Text(ctx); err != nil || text != "abcd" {
		t.Errorf("joined: %q, %v", text, err)
	}
	if err := errors.Join(both.Close(ctx), second.Close(ctx)); err != nil {
		t.Error(err)
	}
}

func TestLacking(t *testing.T) {
	ctx := t.Context()
	p := start(t, "old")
	session := required(t, p)
	if p.HasHandlerSessionRewind() || p.HasHandlerFlush() || p.HasReset() || p.HasStatusCount() {
		t.Error("a function that the component lacks is said to be exported")
	}
	if p.HasHandlerNewNote() || p.HasHandlerNoteText() || p.HasHandlerJoin() {
		t.Error("notes are said to be there")
	}
	if p.Extra.IsSome() || p.Status.IsSome() {
		t.Error("an interface that the component lacks is said to be exported")
	}
	_, errFlush := p.Handler.Flush(ctx, 0)
	_, errReset := p.Reset(ctx)
	_, errNote := p.Handler.NewNote(ctx, "x")
	_, errJoin := p.Handler.Join(ctx, handler.UnimplementedNote{}, handler.UnimplementedNote{})
	for _, tt := range []struct {
		err  error
		want string
	}{
		{errFlush, `component does not export function "golden:optional/handler@0.2.1#flush"`},
		{errReset, `component does not export function "reset"`},
		{errNote, `component does not export function "golden:optional/handler@0.2.1#[constructor]note"`},
		{errJoin, `component does not export function "golden:optional/handler@0.2.1#join"`},
		{session.Rewind(ctx), `component does not export function "golden:optional/handler@0.2.1#[method]session.rewind"`},
	} {
		if !errors.Is(tt.err, rt.ErrNotExported) || tt.err.Error() != tt.want {
			t.Errorf("got %v, want %s", tt.err, tt.want)
		}
	}
	required(t, p) // whatever was asked, the instance can be called
	if err := p.Close(ctx); err != nil {
		t.Error(err)
	}
	if err := session.Rewind(ctx); !errors.Is(err, rt.ErrNotExported) {
		t.Errorf("rewind after the end: %v", err)
	}
}

// TestOptionalIsTyped has a component that exports what is optional as something
// else, which no host gets to call.
func TestOptionalIsTyped(t *testing.T) {
	wasm, err := os.ReadFile("testdata/full.wasm")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, old, text, want string }{
		{"a function under another name", "flush", "flash", ""}, // which is not the one that is optional
		{"a parameter", "least", "finst", `export "golden:optional/handler@0.2.1": function "flush": component has func(finst: u32)`},
		{"a function of an interface that has others", "farewell", "fareyell", `export "golden:optional/extra@0.2.1": function "farewell" is missing`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			changed := strings.ReplaceAll(string(wasm), tt.old, tt.text)
			engine, err := rt.NewEngine(t.Context(), rt.Config{})
			if err != nil {
				t.Fatal(err)
			}
			defer engine.Close(context.Background())
			component, err := engine.Compile(t.Context(), []byte(changed))
			if err != nil {
				t.Fatal(err)
			}
			_, err = optional.Prepare(component)
			if _, ok := errors.AsType[*rt.LinkError](err); ok != (tt.want != "") || ok && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

type greeter struct{ handler.UnimplementedHandler }

// TestByHand has a client that no component stands behind: it has what it is
// given, and says so.
func TestByHand(t *testing.T) {
	p := &optional.Optional{Handler: greeter{}, Extra: cm.Some[extra.Extra](extra.UnimplementedExtra{})}
	if !p.HasHandlerFlush() || !p.Extra.IsSome() || p.Status.IsSome() || p.HasReset() {
		t.Errorf("flush: %t, extra: %t, status: %t, reset: %t",
			p.HasHandlerFlush(), p.Extra.IsSome(), p.Status.IsSome(), p.HasReset())
	}
	none := status.Status(status.UnimplementedStatus{})
	if p.Status.Or(none) != none {
		t.Error("there is a status")
	}
}
