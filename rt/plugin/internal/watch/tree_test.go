package watch

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/witgen/witgen/rt"
)

// told is a notifier that tells what the test says.
type told struct {
	events chan fsnotify.Event
	errors chan error
	full   error  // of add
	adding func() // if it is not nil: called by add
	added  int

	mu   sync.Mutex
	dirs map[string]int // how often they were added
}

func newTold() *told {
	return &told{events: make(chan fsnotify.Event), errors: make(chan error), dirs: make(map[string]int)}
}

func (n *told) notifier() *notifier {
	return &notifier{
		add: func(dir string) error {
			n.mu.Lock()
			defer n.mu.Unlock()
			if n.full != nil {
				return n.full
			}
			if n.dirs[dir]++; n.adding != nil {
				n.adding()
			}
			n.added++
			return nil
		},
		remove: func(dir string) error {
			n.mu.Lock()
			defer n.mu.Unlock()
			delete(n.dirs, dir)
			return nil
		},
		close:  func() error { return nil },
		events: n.events, errors: n.errors,
	}
}

func (n *told) watched() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Sorted(maps.Keys(n.dirs))
}

// in runs a test on a clock of its own, in a directory without links.
func in(t *testing.T, test func(t *testing.T, dir string)) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	synctest.Test(t, func(t *testing.T) { test(t, dir) })
}

// rarely polls so seldom that a test sees none of it.
var rarely = Config{Poll: 1000 * time.Hour, Options: Options{Settle: 150 * time.Millisecond, GiveUp: 5 * time.Second}}

// TestOverflow loses all events of a change, and that some are lost is all that
// is told.
func TestOverflow(t *testing.T) {
	in(t, func(t *testing.T, dir string) {
		x := &scene{T: t, dir: dir, path: filepath.Join(dir, "p.wasm")}
		x.put(x.path, 1)
		n := newTold()
		c := rarely
		c.Warn = func(err error) { t.Errorf("an overflow is nothing to warn of: %v", err) }
		w := start(c, n.notifier(), nil)
		defer w.Close()
		_, err := w.Add(x.path, sha256.Sum256(component(1)), x.handle)
		must(t, err)
		time.Sleep(time.Second)
		x.put(x.path, 2)
		time.Sleep(time.Minute)
		if got := x.now(); len(got) > 0 {
			t.Fatalf("nothing was told, got %q", got)
		}
		n.errors <- fsnotify.ErrEventOverflow
		time.Sleep(time.Second)
		if got := x.now(); !slices.Equal(got, []string{"v2"}) {
			t.Errorf("got %q, want v2", got)
		}
	})
}

// TestWatchedAnew has a directory watched anew for each reason to, and changes
// the file when nobody has looked since but the directory is not yet watched.
func TestWatchedAnew(t *testing.T) {
	in(t, func(t *testing.T, dir string) {
		x := &scene{T: t, dir: filepath.Join(dir, "plugins")}
		x.path = x.at("p.wasm")
		x.mkdir(x.dir)
		x.put(x.path, 1)
		n := newTold()
		w := start(rarely, n.notifier(), nil)
		defer w.Close()
		_, err := w.Add(x.path, Digest{}, x.handle)
		must(t, err)
		time.Sleep(time.Second)
		version := 1
		n.mu.Lock()
		n.adding = func() {
			version++
			x.put(x.path, version)
		}
		n.mu.Unlock()
		added := func() int {
			n.mu.Lock()
			defer n.mu.Unlock()
			return n.added
		}
		reasons := []func(){
			func() { n.errors <- fsnotify.ErrEventOverflow },
			func() { n.events <- fsnotify.Event{Name: x.dir, Op: fsnotify.Remove} },
			func() { n.events <- fsnotify.Event{Name: x.dir, Op: fsnotify.Rename} },
			func() {
				x.rename(x.dir, x.dir+".old")
				x.mkdir(x.dir)
				x.rename(x.dir+".old/p.wasm", x.path)
				n.events <- fsnotify.Event{Name: x.path, Op: fsnotify.Create}
			},
		}
		for i, happens := range reasons {
			happens()
			time.Sleep(time.Second)
			if got := x.now(); len(got) != i+2 || got[i+1] != fmt.Sprint("v", i+2) || added() != i+2 {
				t.Fatalf("reason %d: added %d times, want %d; got %q", i, added(), i+2, got)
			}
		}
		n.events <- fsnotify.Event{Name: x.path, Op: fsnotify.Chmod}
		time.Sleep(time.Second)
		if added() != len(reasons)+1 {
			t.Errorf("added without a reason")
		}
	})
}

// TestFallback lets the notifier fail in every way: that is said once, and the
// poll finds what changes.
func TestFallback(t *testing.T) {
	tests := []struct {
		name string
		full error // of each directory
		none error // of the notifier
		late error // told while it runs
		want string
	}{
		{name: "no more directories", full: syscall.ENOSPC, want: "watching DIR/0: " + syscall.ENOSPC.Error() + "; looking every 2s instead"},
		{name: "none at all", none: syscall.EMFILE, want: syscall.EMFILE.Error() + "; looking every 2s instead"},
		{name: "fails while it runs", late: syscall.EIO, want: "watching directories: " + syscall.EIO.Error() + "; looking every 2s instead"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in(t, func(t *testing.T, dir string) {
				var warned []string
				var mu sync.Mutex
				n := newTold()
				n.full = tt.full
				notifier := n.notifier()
				if tt.none != nil {
					notifier = nil
				}
				w := start(Config{Options: rarely.Options, Poll: 2 * time.Second, Warn: func(err error) {
					mu.Lock()
					defer mu.Unlock()
					warned = append(warned, strings.ReplaceAll(err.Error(), dir, "DIR"))
				}}, notifier, tt.none)
				defer w.Close()
				var scenes []*scene
				for i := range 3 {
					x := &scene{T: t, dir: filepath.Join(dir, fmt.Sprint(i))}
					x.path = x.at("p.wasm")
					x.mkdir(x.dir)
					_, err := w.Add(x.path, Digest{}, x.handle)
					must(t, err)
					scenes = append(scenes, x)
					synctest.Wait()
				}
				for range 5 {
					if tt.late != nil {
						n.errors <- tt.late
					}
				}
				for _, x := range scenes {
					x.put(x.path, 1)
				}
				time.Sleep(2*time.Second + 200*time.Millisecond)
				for _, x := range scenes {
					if got := x.now(); !slices.Equal(got, []string{"v1"}) {
						t.Errorf("got %q, want v1", got)
					}
				}
				if !slices.Equal(warned, []string{tt.want}) {
					t.Errorf("got  %q\nwant %q, once", warned, tt.want)
				}
			})
		})
	}
}

// TestWatchedDirectories follows which directories are watched as links and
// directories come and go.
func TestWatchedDirectories(t *testing.T) {
	in(t, func(t *testing.T, dir string) {
		x := &scene{T: t, dir: dir, path: filepath.Join(dir, "a/p.wasm")}
		n := newTold()
		w := start(rarely, n.notifier(), nil)
		defer w.Close()
		stop, err := w.Add(x.path, Digest{}, x.handle)
		must(t, err)
		again, err := w.Add(x.path, Digest{}, x.handle)
		must(t, err)
		watched := func(want ...string) {
			t.Helper()
			time.Sleep(time.Second)
			for i := range want {
				want[i] = x.at(want[i])
			}
			if got := n.watched(); !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		}
		watched("")
		x.mkdir(x.at("a"))
		n.events <- fsnotify.Event{Name: x.at("a"), Op: fsnotify.Create}
		watched("a")
		x.mkdir(x.at("b"))
		x.put(x.at("b/q"), 1)
		x.symlink("../b/q", x.path)
		n.events <- fsnotify.Event{Name: x.at("A/P.WASM"), Op: fsnotify.Create} // as on disks that fold names
		watched("a", "b")
		x.rename(x.at("b"), x.at("c"))
		x.mkdir(x.at("b"))
		n.events <- fsnotify.Event{Name: x.at("b"), Op: fsnotify.Rename}
		watched("a", "b")
		x.remove(x.at("a"))
		n.events <- fsnotify.Event{Name: x.at("a"), Op: fsnotify.Remove}
		watched("")
		stop()
		watched("")
		again()
		watched()
		if len(w.tree.names) > 0 || len(w.tree.dirs) > 0 {
			t.Errorf("left: %v, %v", w.tree.names, w.tree.dirs)
		}
	})
}

// TestSlowHandle has three changes while the first is handled: the call is told
// that there is a newer file, and the newest is all that comes after it.
func TestSlowHandle(t *testing.T) {
	in(t, func(t *testing.T, dir string) {
		x := &scene{T: t, dir: dir, path: filepath.Join(dir, "p.wasm")}
		w := New(Config{PollOnly: true, Poll: 100 * time.Millisecond})
		release := make(chan struct{})
		var ended []error
		_, err := w.Add(x.path, Digest{}, func(ctx context.Context, c Change) {
			x.handle(ctx, c)
			<-release
			ended = append(ended, context.Cause(ctx))
		})
		must(t, err)
		for n := 1; n <= 3; n++ {
			x.put(x.path, n)
			time.Sleep(time.Second)
		}
		x.remove(x.path)
		time.Sleep(time.Second)
		x.put(x.path, 4)
		time.Sleep(time.Second)
		release <- struct{}{}
		time.Sleep(time.Second)
		x.remove(x.path)
		time.Sleep(time.Second)
		release <- struct{}{} // of v4: that the file is gone is no reason to end it
		release <- struct{}{} // of that
		time.Sleep(time.Second)
		w.Close()
		w.Close()
		if got := x.now(); !slices.Equal(got, []string{"v1", "v4", "gone"}) {
			t.Errorf("got %q", got)
		}
		if len(ended) != 3 || !errors.Is(ended[0], ErrNewer) || ended[1] != nil || ended[2] != nil {
			t.Errorf("calls ended with %v, want ErrNewer for the first", ended)
		}
		if _, err := w.Add(x.path, Digest{}, x.handle); !errors.Is(err, rt.ErrClosed) {
			t.Errorf("add after close: got %v", err)
		}
	})
}

// TestStop ends the context of a call and waits for it.
func TestStop(t *testing.T) {
	in(t, func(t *testing.T, dir string) {
		path := filepath.Join(dir, "p.wasm")
		write(t, path, component(1))
		w := New(Config{PollOnly: true})
		defer w.Close()
		returned := false
		stop, err := w.Add(path, Digest{}, func(ctx context.Context, c Change) {
			<-ctx.Done()
			time.Sleep(time.Minute)
			returned = true
		})
		must(t, err)
		time.Sleep(time.Second)
		stop()
		if stop(); !returned {
			t.Error("stop does not wait for handle")
		}
		write(t, path, component(2))
		time.Sleep(time.Minute)
	})
}

// TestRest kicks a large file ten thousand times: it is looked at, but not read
// again.
func TestRest(t *testing.T) {
	in(t, func(t *testing.T, dir string) {
		x := &scene{T: t, dir: dir, path: filepath.Join(dir, "p.wasm")}
		must(t, os.WriteFile(x.path, append(component(1), make([]byte, 8<<20)...), 0o600))
		n := newTold()
		w := start(rarely, n.notifier(), nil)
		defer w.Close()
		_, err := w.Add(x.path, Digest{}, func(context.Context, Change) {})
		must(t, err)
		time.Sleep(10 * time.Second)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range 10_000 {
			n.events <- fsnotify.Event{Name: x.path, Op: fsnotify.Write}
		}
		time.Sleep(time.Minute)
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 120<<20 {
			t.Errorf("allocated %d MiB: the file, of 8 MiB, is read again and again", got>>20)
		}
	})
}

// TestStormMinute writes to a file for a minute without a rest: that is said
// once, and what is there in the end is told.
func TestStormMinute(t *testing.T) {
	in(t, func(t *testing.T, dir string) {
		x := &scene{T: t, dir: dir, path: filepath.Join(dir, "p.wasm")}
		x.put(x.path, 1)
		w := New(Config{PollOnly: true})
		defer w.Close()
		_, err := w.Add(x.path, sha256.Sum256(component(1)), x.handle)
		must(t, err)
		for n := range 1200 {
			switch n % 3 {
			case 0:
				x.put(x.path, 10+n%50)
			case 1:
				x.put(x.at("tmp"), 10+n%50)
				x.rename(x.at("tmp"), x.path)
			case 2:
				x.remove(x.path)
			}
			time.Sleep(50 * time.Millisecond)
		}
		x.put(x.path, 2)
		time.Sleep(10 * time.Second)
		if got := x.now(); !slices.Equal(got, []string{"RT103", "v2"}) {
			t.Errorf("got %q", got)
		}
	})
}
