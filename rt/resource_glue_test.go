package rt_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	fileapi "github.com/witgen/witgen/golden/makers/files"
	"github.com/witgen/witgen/golden/makers/makers"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

const (
	makerFiles   = "golden:makers/files@0.1.0"
	makerFolders = "golden:makers/folders@0.1.0"
	makerTools   = "golden:makers/tools@0.1.0"
)

// handy is a guest of the golden world makers. What it is told is the length
// of a string is one at address 0, or far outside of its memory.
func handy(t *testing.T) *guest {
	t.Helper()
	source, err := os.ReadFile("../golden/makers/wit/makers.wit")
	if err != nil {
		t.Fatal(err)
	}
	return &guest{world: string(source), funcs: map[string]body{
		makerFolders + "#[constructor]folder": {tI32, []any{
			get(1), call("new folder"), set(2),
			i32(resultArea), i32(0), store(0), i32(resultArea), get(2), store(4),
			get(1), i32(13), eq, when, // err, with the path
			i32(resultArea), i32(1), store(0), i32(resultArea), get(0), store(4), i32(resultArea), get(1), store(8),
			end, i32(resultArea),
		}},
		makerFolders + "#[method]folder.size": does(get(0)),
		makerTools + "#measure": {tI32, []any{
			get(0), get(1), i32(resultArea), call(makerFiles + "#[constructor]file"),
			i32(resultArea), load8(0), when, i32(resultArea), load8(4), i32(100), add, set(2), end,
			i32(resultArea), load8(0), i32(0), eq, when,
			i32(resultArea), load(4), call(makerFiles + "#[method]file.size"), set(2),
			i32(resultArea), load(4), call("drop file"),
			end, get(2),
		}},
		makerTools + "#take": does(get(2)),
		makerTools + "#give": does(
			i32(resultArea), get(0), store(0), i32(resultArea), i32(0), store(4), i32(resultArea), get(1), store(8), i32(resultArea)),
		makerTools + "#sign": does(
			get(0), i32(0), get(1), i32(resultArea), call(makerFiles+"#sign")),
	}, dtors: map[string]body{"folder": counts(64)}}
}

// cabinet is a host that counts how often each of its files is closed.
type cabinet struct {
	fileapi.UnimplementedFiles
	closes map[*paper]int
	signed string
}

type paper struct {
	in   *cabinet
	size uint32
}

func (c *cabinet) paper(size uint32) *paper {
	p := &paper{c, size}
	c.closes[p] = 0
	return p
}

func (p *paper) Size(context.Context) (uint32, error) { return p.size, nil }

func (p *paper) Close(context.Context) error {
	p.in.closes[p]++
	return nil
}

func (c *cabinet) NewFile(_ context.Context, path string) (fileapi.File, error) {
	switch path {
	case "":
		return nil, fileapi.ReasonDenied
	case "none":
		return nil, nil
	case "broken":
		return nil, os.ErrInvalid
	}
	return c.paper(uint32(len(path))), nil
}

func (c *cabinet) Sign(_ context.Context, f fileapi.File, _ string) (cm.Tuple2[string, fileapi.File], error) {
	return cm.Tuple2[string, fileapi.File]{F0: c.signed, F1: f}, nil
}

// handyInstance starts an instance with a host of its own.
func handyInstance(t *testing.T, g *guest) (*makers.Makers, *cabinet) {
	t.Helper()
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	h := &cabinet{closes: make(map[*paper]int)}
	in, err := makers.Instantiate(t.Context(), g.compile(t, e), makers.Imports{Files: h}, rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return in, h
}

// TestConstructorsThatFail calls those of the host, and those of the guest.
func TestConstructorsThatFail(t *testing.T) {
	ctx := t.Context()
	in, h := handyInstance(t, handy(t))
	for path, want := range map[string]uint32{"": 101, "a": 1, "abc": 3} {
		if got, err := in.Tools.Measure(ctx, path); err != nil || got != want {
			t.Errorf("measure %q = %d, %v, want %d", path, got, err, want)
		}
	}
	if len(h.closes) != 2 {
		t.Errorf("the host made %d files, want 2", len(h.closes))
	}
	h.want(t, 1)

	f, err := in.Folders.NewFolder(ctx, "five!")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := f.Size(ctx); err != nil || n != 5 {
		t.Errorf("size = %d, %v", n, err)
	}
	if err := f.Close(ctx); err != nil {
		t.Error(err)
	}
	f, err = in.Folders.NewFolder(ctx, "thirteen long")
	if e, ok := errors.AsType[cm.Err[string]](err); !ok || e.Value != "thirteen long" || f != nil {
		t.Errorf("a folder that is none: %v, %v", f, err)
	}

	for path, want := range map[string]string{"none": `resource "file" is nil`, "broken": os.ErrInvalid.Error()} {
		in, _ := handyInstance(t, handy(t))
		_, err := in.Tools.Measure(ctx, path)
		if _, trapped := errors.AsType[*rt.Trap](err); !trapped || !strings.Contains(err.Error(), want) {
			t.Errorf("measure %q: %v, want %q", path, err, want)
		}
	}
	if _, err := in.Folders.NewFolder(ctx, "\xff"); err == nil || !strings.Contains(err.Error(), "UTF-8") {
		t.Errorf("a path that is not UTF-8: %v", err)
	}
}

// want fails the test unless each file was closed so often.
func (c *cabinet) want(t *testing.T, closes int) {
	t.Helper()
	for p, n := range c.closes {
		if n != closes {
			t.Errorf("a file of size %d was closed %d times, want %d", p.size, n, closes)
		}
	}
}

// far is the length of a string that no memory has.
const far = 1<<32 - 1

// TestResourcesOfCallsThatFail has resources of the host on their way when a
// call fails: whoever had them last, each is closed once, and not before the
// instance is.
func TestResourcesOfCallsThatFail(t *testing.T) {
	ctx := t.Context()
	nobody := body{code: []any{trap}}
	for _, tt := range []struct {
		name    string
		realloc *body
		run     func(in *makers.Makers, h *cabinet) error
		want    string
	}{
		{"the guest's string is bad", nil, func(in *makers.Makers, h *cabinet) error {
			i, err := in.Tools.Take(ctx, "", h.paper(1))
			if err != nil {
				t.Error(err)
			}
			return in.Tools.Sign(ctx, i, far)
		}, "string content out-of-bounds"},
		{"the string of the guest's result is bad", nil, func(in *makers.Makers, h *cabinet) error {
			i, err := in.Tools.Take(ctx, "", h.paper(1))
			if err != nil {
				t.Error(err)
			}
			_, err = in.Tools.Give(ctx, i, far)
			return err
		}, "string content out-of-bounds"},
		{"the host's string is bad", nil, func(in *makers.Makers, h *cabinet) error {
			h.signed = "\xff"
			i, err := in.Tools.Take(ctx, "", h.paper(1))
			if err != nil {
				t.Error(err)
			}
			return in.Tools.Sign(ctx, i, 0)
		}, "UTF-8"},
		{"the guest cannot allocate for an argument", &nobody, func(in *makers.Makers, h *cabinet) error {
			_, err := in.Tools.Take(ctx, "name", h.paper(1))
			return err
		}, "unreachable"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := handy(t)
			g.realloc = tt.realloc
			in, h := handyInstance(t, g)
			err := tt.run(in, h)
			if _, trapped := errors.AsType[*rt.Trap](err); !trapped || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			h.want(t, 0)
			if err := in.Close(ctx); err != nil {
				t.Error(err)
			}
			h.want(t, 1)
		})
	}
}
