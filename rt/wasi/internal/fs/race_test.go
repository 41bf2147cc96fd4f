//go:build linux

package fs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
)

// TestRace swaps a directory with a link that leads out, and a file with one,
// while every function runs that takes a path. Nothing that is outside is read,
// listed, changed or told of.
func TestRace(t *testing.T) {
	for _, target := range []string{"../outside", "absolute"} {
		t.Run(filepath.Base(target), func(t *testing.T) {
			g := granted(t, Grant{Write: true})
			g.mkdir("x")
			g.mkdir("dir")
			put(t, g.on("file"), "inside")
			put(t, g.on("x/secret2"), "inside")
			put(t, g.on("f"), "inside")
			secret := "../outside/secret"
			if target == "absolute" {
				target, secret = filepath.Join(g.host, "outside"), filepath.Join(g.host, "outside/secret")
			}
			g.symlink(target, "y")
			g.symlink(secret, "l")
			outside := filepath.Join(g.host, "outside")
			for _, name := range []string{"secret2", "made", "sub/made"} {
				put(t, filepath.Join(outside, name), "SECRET")
			}
			before := snapshot(t, outside)

			var stop atomic.Bool
			var swaps atomic.Int64
			var wg sync.WaitGroup
			wg.Go(func() {
				for !stop.Load() {
					for _, pair := range [][2]string{{"x", "y"}, {"f", "l"}} {
						if unix.Renameat2(unix.AT_FDCWD, g.on(pair[0]), unix.AT_FDCWD, g.on(pair[1]), unix.RENAME_EXCHANGE) == nil {
							swaps.Add(1)
						}
					}
				}
			})
			rounds := 0
			for ; swaps.Load() < 20_000 || rounds < 200; rounds++ {
				attack(g)
				if t.Failed() {
					break
				}
			}
			stop.Store(true)
			wg.Wait()
			t.Logf("%d swaps, %d rounds", swaps.Load(), rounds)
			if after := snapshot(t, outside); after != before {
				t.Errorf("changed outside:\n%s\nbefore:\n%s", after, before)
			}
		})
	}
}

// attack calls functions with paths that are one thing now and another then.
func attack(g *guest) {
	ctx, d := g.Context(), g.dir()
	for i, m := range methods {
		for _, path := range []string{"x/secret", "y/sub/../secret", "y/secret", "x/sub/nothing"} {
			if m.makes {
				continue
			}
			if err := m.call(ctx, d, path); err == nil {
				g.Errorf("%d %s of %s succeeds", i, m.name, path)
			}
		}
		for _, path := range []string{"x/made", "y/made", "x/sub/made", "y/sub/../made"} {
			m.call(ctx, d, path)
		}
		g.told()
	}
	for range 50 { // where little happens between the looking and the opening
		for _, path := range []string{"x/secret2", "f", "l"} {
			contents(ctx, g, path)
		}
	}
	for _, path := range []string{"y/secret2", "x/../f", "./x/./secret2"} {
		contents(ctx, g, path)
	}
	for _, path := range []string{"x", "y", "x/", "y/.", "x/../x"} {
		for _, at := range []types.PathFlags{0, follow} {
			list(ctx, g, at, path)
		}
	}
	restore(g)
}

// restore makes again what functions removed, and removes what they made.
func restore(g *guest) {
	for _, name := range []string{"linked", "renamed"} {
		os.RemoveAll(g.on(name))
	}
	if _, err := os.Lstat(g.on("file")); err != nil {
		put(g, g.on("file"), "inside")
	}
}

// contents has a file read that is outside at times.
func contents(ctx context.Context, g *guest, path string) {
	if st, err := g.dir().StatAt(ctx, follow, path); err == nil && st.Type == types.DescriptorTypeRegularFile && st.LinkCount != 1 {
		g.Errorf("stat-at %s: %+v", path, st)
	}
	f, err := g.dir().OpenAt(ctx, follow, path, 0, read)
	if err != nil {
		return
	}
	defer f.Close(ctx)
	if kind, _ := f.GetType(ctx); kind != types.DescriptorTypeRegularFile {
		return
	}
	b, err := f.Read(ctx, 100, 0)
	if err != nil || string(b.F0) != "inside" {
		g.Errorf("%s has %q, %v", path, b.F0, err)
	}
}

// list has a directory listed that is outside at times.
func list(ctx context.Context, g *guest, at types.PathFlags, path string) {
	d, err := g.dir().OpenAt(ctx, at, path, asDir, read)
	if err != nil {
		return
	}
	defer d.Close(ctx)
	names := g.names(d)
	if _, ok := names["secret"]; ok || len(names) == 0 {
		g.Errorf("%s has %v", path, names)
	}
	if _, err := d.StatAt(ctx, follow, "secret"); err == nil {
		g.Errorf("%s/secret is there", path)
	}
	f, err := d.OpenAt(ctx, follow, "secret2", 0, read)
	if err != nil {
		g.Errorf("%s/secret2: %v", path, err)
		return
	}
	defer f.Close(ctx)
	if b, err := f.Read(ctx, 100, 0); err != nil || string(b.F0) != "inside" {
		g.Errorf("%s/secret2 has %q, %v", path, b.F0, err)
	}
}

// told checks and forgets what the audit log was told.
func (g *guest) told() {
	for _, d := range g.denied {
		if d.Target[:3] != "/a/" {
			g.Errorf("denial %+v", d)
		}
	}
	g.denied = g.denied[:0]
}

// TestSpecial refuses what is neither a file nor a directory, and waits for none
// of it.
func TestSpecial(t *testing.T) {
	g := granted(t, Grant{Write: true})
	kinds := map[string]types.DescriptorType{"fifo": types.DescriptorTypeFIFO}
	if err := unix.Mkfifo(g.on("fifo"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mknod(g.on("device"), unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3))); err == nil {
		kinds["device"] = types.DescriptorTypeCharacterDevice
	} else {
		t.Log("no device can be made: ", err)
	}
	g.symlink("fifo", "link")
	names := g.names(g.dir())
	for name, kind := range kinds {
		if names[name] != kind {
			t.Errorf("%s is listed as %v", name, names[name])
		}
		st, err := g.dir().StatAt(t.Context(), 0, name)
		if st.Type != kind || err != nil {
			t.Errorf("stat-at %s: %+v, %v", name, st, err)
		}
		for _, flags := range []types.DescriptorFlags{read, write, read | write} {
			for _, o := range []types.OpenFlags{0, create, truncate} {
				if o == truncate && flags == read {
					continue
				}
				g.denied = nil
				_, err := g.dir().OpenAt(t.Context(), 0, name, o, flags)
				is(t, fmt.Sprint(name, o, flags), err, types.ErrorCodeNotPermitted)
				if len(g.denied) != 1 || g.denied[0].Target != "/a/"+name || g.denied[0].Reason != "neither a file nor a directory" {
					t.Errorf("denials %+v", g.denied)
				}
			}
		}
		_, err = g.dir().OpenAt(t.Context(), 0, name, asDir, read)
		is(t, name, err, types.ErrorCodeNotDirectory)
		_, err = g.dir().OpenAt(t.Context(), 0, name, create|exclusive, write)
		is(t, name, err, types.ErrorCodeExist)
		for i, m := range methods {
			if err := m.call(t.Context(), g.dir(), name+"/x"); err == nil {
				t.Errorf("%d %s below %s succeeds", i, m.name, name)
			}
			if err := m.call(t.Context(), g.dir(), name+"/"); err == nil {
				t.Errorf("%d %s of %s/ succeeds", i, m.name, name)
			}
		}
	}
	_, err := g.dir().OpenAt(t.Context(), follow, "link", 0, read)
	is(t, "link", err, types.ErrorCodeNotPermitted)
}

// TestSpecialRace swaps a directory and a file with pipes, for which nothing may
// wait.
func TestSpecialRace(t *testing.T) {
	g := granted(t, Grant{Write: true})
	g.mkdir("x")
	put(t, g.on("f"), "inside")
	for _, name := range []string{"y", "p"} {
		if err := unix.Mkfifo(g.on(name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var stop atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		for !stop.Load() {
			unix.Renameat2(unix.AT_FDCWD, g.on("x"), unix.AT_FDCWD, g.on("y"), unix.RENAME_EXCHANGE)
			unix.Renameat2(unix.AT_FDCWD, g.on("f"), unix.AT_FDCWD, g.on("p"), unix.RENAME_EXCHANGE)
		}
	})
	opened := 0
	for range 3000 {
		for _, path := range []string{"x", "x/", "f", "x/.", "x/../f"} {
			for _, o := range []types.OpenFlags{0, asDir} {
				d, err := g.dir().OpenAt(t.Context(), follow, path, o, read)
				if err != nil {
					continue
				}
				opened++
				if kind, _ := d.GetType(t.Context()); kind != types.DescriptorTypeRegularFile && kind != types.DescriptorTypeDirectory {
					t.Errorf("%s is a %v", path, kind)
				}
				d.Close(t.Context())
			}
		}
	}
	stop.Store(true)
	wg.Wait()
	if opened == 0 {
		t.Error("nothing was opened")
	}
}

// TestBytes passes over a name that is not UTF-8.
func TestBytes(t *testing.T) {
	g := granted(t, Grant{})
	put(t, g.on("a"), "")
	put(t, g.on("\xff"), "")
	put(t, g.on("z"), "")
	l, err := g.dir().ReadDirectory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close(t.Context())
	seen, bad := map[string]bool{}, 0
	for {
		e, err := l.ReadDirectoryEntry(t.Context())
		if err != nil {
			is(t, "entry", err, types.ErrorCodeIllegalByteSequence)
			bad++
			continue
		}
		v, ok := e.Get()
		if !ok {
			break
		}
		seen[v.Name] = true
	}
	if bad != 1 || !seen["a"] || !seen["z"] || len(seen) != 2 {
		t.Errorf("%d are not UTF-8, %v are", bad, seen)
	}
}
