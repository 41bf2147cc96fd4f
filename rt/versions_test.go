package rt_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	files01 "github.com/witgen/witgen/golden/versions/acme/files/v0_1/files"
	files020 "github.com/witgen/witgen/golden/versions/acme/files/v0_2_0/files"
	files023 "github.com/witgen/witgen/golden/versions/acme/files/v0_2_3/files"
	storev1 "github.com/witgen/witgen/golden/versions/golden/versions/v1/store"
	storev2 "github.com/witgen/witgen/golden/versions/store"
	"github.com/witgen/witgen/golden/versions/versions"
	"github.com/witgen/witgen/rt"
)

// opened counts the files that a host has open. A file of size n is n bytes
// more than was asked for.
type opened struct{ more, open int }

func (o *opened) Close(context.Context) error { o.open--; return nil }

type (
	size32 struct {
		*opened
		n uint32
	}
	size64 struct {
		*opened
		n uint64
	}
)

func (s size32) Size(context.Context) (uint32, error) { return s.n + uint32(s.more), nil }
func (s size64) Size(context.Context) (uint64, error) { return s.n + uint64(s.more), nil }

type (
	opener01  struct{ *opened }
	opener020 struct{ *opened }
	opener023 struct{ *opened }
)

func (o opener01) Open(_ context.Context, n uint32) (files01.File, error) {
	o.open++
	return size32{o.opened, n}, nil
}

func (o opener020) Open(_ context.Context, n uint32) (files020.File, error) {
	o.open++
	return size64{o.opened, uint64(n) << 32}, nil
}

func (o opener023) Open(_ context.Context, n uint32) (files023.File, error) {
	o.open++
	return size64{o.opened, uint64(n) << 33}, nil
}

type (
	storeV1 struct{}
	storeV2 struct{}
	noNames struct{}
)

func (storeV1) Get(_ context.Context, key uint32) (uint32, error) { return key + 1, nil }
func (storeV2) Get(_ context.Context, key uint32) (uint64, error) { return uint64(key) << 40, nil }
func (noNames) Name(context.Context, uint32) (uint8, error)       { return 0, nil }

var (
	_ storev1.Store = storeV1{}
	_ storev2.Store = storeV2{}
)

// versionsGuest is a guest of the world of golden/versions: what it exports in
// one version it does with what it imports in that.
func versionsGuest(t *testing.T) *guest {
	t.Helper()
	world, err := os.ReadFile("../golden/versions/wit/versions.wit")
	if err != nil {
		t.Fatal(err)
	}
	g := &guest{world: string(world), funcs: map[string]body{}}
	for _, v := range []string{"1.0.0", "2.0.0"} {
		g.funcs["golden:versions/store@"+v+"#get"] = does(passOn("golden:versions/store@" + v + "#get"))
	}
	for _, v := range []string{"0.1.0", "0.2.0", "0.2.3"} {
		g.funcs["acme:files/sizes@"+v+"#measure"] = measures(v, v)
	}
	return g
}

// measures returns code that opens a file in one version and measures it in
// another.
func measures(open, size string) body {
	from, to := "acme:files/files@"+open, "acme:files/files@"+size
	return does(get(0), call(from+"#open"), tee(0), call(to+"#[method]file.size"), get(0), call("drop "+from+" file"))
}

func startVersions(t *testing.T, g *guest, files [3]*opened) *versions.Versions {
	t.Helper()
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	p, err := versions.Instantiate(t.Context(), g.compile(t, e), versions.Imports{
		Store: storeV2{}, StoreV1: storeV1{}, FilesNames: noNames{},
		FilesFilesV0_1: opener01{files[0]}, FilesFilesV0_2_0: opener020{files[1]}, FilesFilesV0_2_3: opener023{files[2]},
	}, rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return p
}

// TestVersions has a guest that imports and exports interfaces in several
// versions, two of them of one track.
func TestVersions(t *testing.T) {
	ctx := t.Context()
	files := [3]*opened{{more: 1}, {more: 2}, {more: 3}}
	p := startVersions(t, versionsGuest(t), files)
	if n, err := p.StoreV1.Get(ctx, 5); err != nil || n != 6 {
		t.Errorf("store 1.0.0: get = %d, %v, want 6", n, err)
	}
	if n, err := p.Store.Get(ctx, 5); err != nil || n != 5<<40 {
		t.Errorf("store 2.0.0: get = %d, %v, want %d", n, err, uint64(5<<40))
	}
	if n, err := p.FilesSizesV0_1.Measure(ctx, 5); err != nil || n != 6 {
		t.Errorf("sizes 0.1.0: measure = %d, %v, want 6", n, err)
	}
	if n, err := p.FilesSizesV0_2_0.Measure(ctx, 5); err != nil || n != 5<<32+2 {
		t.Errorf("sizes 0.2.0: measure = %d, %v, want %d", n, err, uint64(5<<32+2))
	}
	if n, err := p.FilesSizesV0_2_3.Measure(ctx, 5); err != nil || n != 5<<33+3 {
		t.Errorf("sizes 0.2.3: measure = %d, %v, want %d", n, err, uint64(5<<33+3))
	}
	for i, o := range files {
		if o.open != 0 {
			t.Errorf("host %d has %d files open", i, o.open)
		}
	}
}

// TestVersionsConfused has guests that hand a file of one version to another,
// of the same track too, where core signatures and even the types' texts are the
// same.
func TestVersionsConfused(t *testing.T) {
	for _, tt := range []struct{ open, size string }{{"0.2.0", "0.2.3"}, {"0.2.3", "0.2.0"}} {
		t.Run(fmt.Sprintf("%s to %s", tt.open, tt.size), func(t *testing.T) {
			g := versionsGuest(t)
			g.funcs["acme:files/sizes@0.2.0#measure"] = measures(tt.open, tt.size)
			files := [3]*opened{{}, {}, {}}
			p := startVersions(t, g, files)
			_, err := p.FilesSizesV0_2_0.Measure(t.Context(), 5)
			if trap, ok := errors.AsType[*rt.Trap](err); !ok || !strings.Contains(trap.Error(), "used with the wrong type") {
				t.Errorf("got %v, want a trap", err)
			}
			if err := p.Close(t.Context()); err != nil {
				t.Error(err)
			}
			for i, o := range files {
				if o.open != 0 {
					t.Errorf("host %d has %d files open", i, o.open)
				}
			}
		})
	}
}
