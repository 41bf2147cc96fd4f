// Package tracks_test has one host, which is written for version 0.3 of the world
// tracks, run guests of all its versions.
package tracks_test

import (
	"context"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/witgen/witgen/golden/tracks/v0_3/tracks"
	"github.com/witgen/witgen/rt"
)

//go:generate go run ../../cmd/witgen generate

// guests are those of each version, compiled once.
var guests = sync.OnceValues(func() (map[string]*tracks.Prepared, error) {
	ctx := context.Background()
	engine, err := rt.NewEngine(ctx, rt.Config{})
	if err != nil {
		return nil, err
	}
	prepared := make(map[string]*tracks.Prepared)
	for _, version := range []string{"0.1", "0.2", "0.3"} {
		wasm, err := os.ReadFile("testdata/v" + version + ".wasm")
		if err != nil {
			return nil, err
		}
		component, err := engine.Compile(ctx, wasm)
		if err != nil {
			return nil, err
		}
		if prepared[version], err = tracks.Prepare(component); err != nil {
			return nil, err
		}
	}
	return prepared, nil
})

// start starts a guest of a version. At the end nothing of the host's may be open.
func start(t *testing.T, version string) (*tracks.Tracks, *host) {
	t.Helper()
	all, err := guests()
	if err != nil {
		t.Fatal(err)
	}
	h := &host{}
	p, err := all[version].Instantiate(t.Context(), h.imports(), rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(context.Background()); err != nil {
			t.Error(err)
		}
		for _, s := range h.kept {
			if err := s.Close(context.Background()); err != nil {
				t.Error(err)
			}
		}
		if open, twice := h.open.Load(), h.twice.Load(); open != 0 || twice != 0 {
			t.Errorf("%d resources of the host are left open, %d were closed more than once", open, twice)
		}
	})
	return p, h
}

// call is a call that every version gets, and what becomes of it in one.
type call struct {
	name    string
	version string
	do      func(context.Context, *tracks.Tracks) (any, error)
	reply   any // what the host answers rather than what it is called with

	got   any      // what the host is called with
	seen  []string // what the guest saw
	want  any
	lossy string // the version that cannot say something, else empty
	trap  bool   // which the guest is stopped for
}

func (c call) run(t *testing.T) {
	p, h := start(t, c.version)
	h.reply = c.reply
	v, err := c.do(t.Context(), p)
	_, trapped := errors.AsType[*rt.Trap](err)
	if c.lossy != "" {
		if !errors.Is(err, rt.ErrLossy) || !strings.Contains(err.Error(), "cannot be said in version "+c.lossy) {
			t.Errorf("got %v, %v, want what cannot be said in version %s", v, err, c.lossy)
		}
		if trapped != c.trap {
			t.Errorf("the guest is stopped: %t, want %t (%v)", trapped, c.trap, err)
		}
		if _, err := p.Seen(t.Context()); (err == nil) == c.trap {
			t.Errorf("after it, the guest says %v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(v, c.want) {
		t.Errorf("got %#v, want %#v", v, c.want)
	}
	if !reflect.DeepEqual(h.got, c.got) {
		t.Errorf("the host got %#v, want %#v", h.got, c.got)
	}
	seen, err := p.Seen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(seen, c.seen) {
		t.Errorf("the guest saw %q, want %q", seen, c.seen)
	}
}
