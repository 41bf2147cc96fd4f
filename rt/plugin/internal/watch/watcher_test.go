package watch

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// scene is a file that is watched, and what is told of it.
type scene struct {
	*testing.T
	dir, path string // plugins, plugins/p.wasm
	settle    time.Duration
	ignore    bool // that it is gone

	mu   sync.Mutex
	told []string
}

// names says what a change is, by the numbers of components.
func (x *scene) handle(_ context.Context, c Change) {
	x.mu.Lock()
	defer x.mu.Unlock()
	e, _ := errors.AsType[*Error](c.Err)
	switch {
	case c.Gone:
		x.told = append(x.told, "gone")
	case e != nil && e.Kind.Code() != "":
		x.told = append(x.told, e.Kind.Code())
	case e != nil:
		x.told = append(x.told, e.Error())
	case sha256.Sum256(c.File.Bytes) != c.File.Digest:
		x.told = append(x.told, "digest of other bytes")
	default:
		x.told = append(x.told, version(c.File.Digest))
	}
}

// version returns what component has a digest.
func version(d Digest) string {
	for n := range 100 {
		if sha256.Sum256(component(n)) == d {
			return fmt.Sprint("v", n)
		}
	}
	return "what nobody wrote"
}

func (x *scene) now() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(x.told), func(change string) bool { return x.ignore && change == "gone" })
}

// await waits until as many changes have been told.
func (x *scene) await(n int) {
	x.Helper()
	for range 300 {
		if len(x.now()) >= n {
			return
		}
		time.Sleep(x.settle / 3)
	}
	x.Errorf("waited for %d changes, got %q", n, x.now())
}

// pause waits for some hundredths of the time that a file has to be at rest.
func (x *scene) pause(percent int) { time.Sleep(x.settle * time.Duration(percent) / 100) }

func (x *scene) at(name string) string { return filepath.Join(x.dir, name) }

// put writes a component in place.
func (x *scene) put(path string, n int) { x.Helper(); write(x, path, component(n)) }

func (x *scene) rename(from, to string)     { x.Helper(); must(x, os.Rename(from, to)) }
func (x *scene) symlink(target, at string)  { x.Helper(); must(x, os.Symlink(target, at)) }
func (x *scene) mkdir(path string)          { x.Helper(); must(x, os.MkdirAll(path, 0o700)) }
func (x *scene) remove(path string)         { x.Helper(); must(x, os.RemoveAll(path)) }
func (x *scene) swapLink(target, at string) { x.symlink(target, at+"_tmp"); x.rename(at+"_tmp", at) }

// changes are what may happen to a file that begins as v1, and what is to be told.
var changes = []struct {
	name  string
	start func(x *scene) // nil: v1 is written in place
	do    func(x *scene)
	want  []string
}{
	{"nothing", nil, func(x *scene) {}, nil},
	{"write in place", nil, func(x *scene) { x.put(x.path, 2) }, []string{"v2"}},
	{"slow copy in place", nil, func(x *scene) {
		chunked(x, x.path, component(2), 500, x.settle/3)
	}, []string{"v2"}},
	{"copy in place that stalls", nil, func(x *scene) {
		chunked(x, x.path, component(2), 3000, x.settle*2)
	}, []string{"v2"}},
	{"temporary name and rename", nil, func(x *scene) {
		x.put(x.at("p.wasm.tmp"), 2)
		x.rename(x.at("p.wasm.tmp"), x.path)
	}, []string{"v2"}},
	{"as rsync does it", nil, func(x *scene) {
		tmp := x.at(".p.wasm.Xa81bQ")
		chunked(x, tmp, component(2), 1000, x.settle/4)
		must(x, os.Chmod(tmp, 0o644))
		must(x, os.Chtimes(tmp, time.Time{}, time.Unix(1, 0)))
		x.rename(tmp, x.path)
	}, []string{"v2"}},
	{"delete and create", nil, func(x *scene) {
		x.remove(x.path)
		x.put(x.path, 2)
	}, []string{"v2"}},
	{"delete, and create slowly", nil, func(x *scene) {
		x.remove(x.path)
		x.pause(20)
		chunked(x, x.path, component(2), 1000, x.settle/4)
	}, []string{"v2"}},
	{"as editors do it: backup by rename", nil, func(x *scene) {
		write(x, x.at("4913"), nil)
		x.remove(x.at("4913"))
		x.rename(x.path, x.at("p.wasm~"))
		x.put(x.path, 2)
		must(x, os.Chmod(x.path, 0o644))
		x.remove(x.at("p.wasm~"))
	}, []string{"v2"}},
	{"as editors do it: backup by link", nil, func(x *scene) {
		must(x, os.Link(x.path, x.at("p.wasm.bak")))
		x.put(x.at(".#new"), 2)
		x.rename(x.at(".#new"), x.path)
		x.remove(x.at("p.wasm.bak"))
	}, []string{"v2"}},
	{"as kubelets do it", func(x *scene) {
		x.mkdir(x.at("..1"))
		x.put(x.at("..1/p.wasm"), 1)
		x.symlink("..1", x.at("..data"))
		x.symlink("..data/p.wasm", x.path)
	}, func(x *scene) {
		for n := 2; n <= 4; n++ {
			x.mkdir(x.at(fmt.Sprint("..", n)))
			x.put(x.at(fmt.Sprint("..", n, "/p.wasm")), n)
			x.symlink(fmt.Sprint("..", n), x.at("..data_tmp"))
			x.rename(x.at("..data_tmp"), x.at("..data"))
			x.remove(x.at(fmt.Sprint("..", n-1)))
			x.await(n - 1)
		}
	}, []string{"v2", "v3", "v4"}},
	{"a link elsewhere is swapped", func(x *scene) {
		for n := 1; n <= 3; n++ {
			x.mkdir(x.at(fmt.Sprint("../releases/", n)))
			x.put(x.at(fmt.Sprint("../releases/", n, "/q")), n)
		}
		x.symlink("1", x.at("../releases/current"))
		x.symlink("../releases/current/q", x.path)
	}, func(x *scene) {
		x.swapLink("2", x.at("../releases/current"))
		x.await(1)
		x.swapLink("3", x.at("../releases/current"))
		x.await(2)
		x.put(x.at("../releases/3/q"), 4)
	}, []string{"v2", "v3", "v4"}},
	{"a link to the same bytes", nil, func(x *scene) {
		x.put(x.at("other"), 1)
		x.swapLink("other", x.path)
	}, nil},
	{"touch", nil, func(x *scene) {
		must(x, os.Chtimes(x.path, time.Unix(1, 5), time.Unix(1, 5)))
		must(x, os.Chmod(x.path, 0o644))
	}, nil},
	{"the same bytes again", nil, func(x *scene) {
		x.put(x.path, 1)
		x.pause(200)
		x.put(x.at("tmp"), 1)
		x.rename(x.at("tmp"), x.path)
	}, nil},
	{"there and back", nil, func(x *scene) {
		x.put(x.path, 2)
		x.put(x.path, 1)
	}, nil},
	{"others in the directory", nil, func(x *scene) {
		for n := range 200 {
			x.put(x.at(fmt.Sprint("other", n)), 2)
		}
	}, nil},
	{"delete", nil, func(x *scene) {
		x.remove(x.path)
		x.await(1)
		x.put(x.at("tmp"), 1)
		x.pause(200)
		x.remove(x.at("tmp"))
	}, []string{"gone"}},
	{"delete, and create later", nil, func(x *scene) {
		x.remove(x.path)
		x.await(1)
		x.put(x.path, 1)
		x.await(2)
		x.remove(x.path)
	}, []string{"gone", "v1", "gone"}},
	{"not there at first", func(*scene) {}, func(x *scene) { x.put(x.path, 1) }, []string{"v1"}},
	{"no directory at first", func(x *scene) { x.remove(x.dir) }, func(x *scene) {
		x.pause(200)
		x.mkdir(x.dir)
		x.pause(200)
		x.put(x.path, 1)
		x.await(1)
		x.put(x.path, 2)
	}, []string{"v1", "v2"}},
	{"the directory is deleted and made again", nil, func(x *scene) {
		x.remove(x.dir)
		x.mkdir(x.dir)
		x.put(x.path, 2)
		x.await(1)
		x.put(x.path, 3)
	}, []string{"v2", "v3"}},
	{"the directory is deleted, and made again later", nil, func(x *scene) {
		x.remove(x.dir)
		x.await(1)
		x.mkdir(x.dir)
		x.put(x.path, 2)
		x.await(2)
		x.put(x.path, 3)
	}, []string{"gone", "v2", "v3"}},
	{"the directory is swapped", nil, func(x *scene) {
		x.mkdir(x.dir + ".new")
		x.put(x.dir+".new/p.wasm", 2)
		x.rename(x.dir, x.dir+".old")
		x.rename(x.dir+".new", x.dir)
		x.await(1)
		x.put(x.dir+".old/p.wasm", 3)
		x.put(x.path, 4)
	}, []string{"v2", "v4"}},
	{"wrong, then right", nil, func(x *scene) {
		write(x, x.path, []byte("\x7fELF\x02\x01\x01\x00"))
		x.await(1)
		must(x, os.Chtimes(x.path, time.Unix(1, 5), time.Unix(1, 5)))
		x.pause(200)
		write(x, x.path, module("wasi_snapshot_preview1"))
		x.await(2)
		x.put(x.path, 1)
	}, []string{"RT102", "RT101", "v1"}},
	{"wrong in two ways that read alike", nil, func(x *scene) {
		write(x, x.path, []byte("\x7fELF\x02"))
		x.await(1)
		write(x, x.path, []byte("\x7fELF\x03\x04"))
	}, []string{"RT102", "RT102"}},
	{"half, then whole", nil, func(x *scene) {
		write(x, x.path, component(2)[:4096])
		x.await(1)
		x.put(x.path, 2)
	}, []string{"RT104", "v2"}},
	{"a copy that takes too long", nil, func(x *scene) {
		chunked(x, x.path, component(2), 50, x.settle/6)
	}, []string{"RT103", "v2"}},
	{"a directory in its place", nil, func(x *scene) {
		x.remove(x.path)
		x.mkdir(x.path)
		x.await(1)
		x.remove(x.path)
		x.put(x.path, 1)
	}, []string{"p.wasm: not a regular file: mode drwx------", "v1"}},
}

// run plays a case with a watcher and waits for what is told.
func run(t *testing.T, number int, root string, c Config) {
	tt := changes[number]
	x := &scene{T: t, dir: filepath.Join(root, "plugins"), settle: c.Settle}
	// Where time is real, a busy machine may leave a file away for so long that it
	// is gone.
	x.ignore = !c.PollOnly && !slices.Contains(tt.want, "gone")
	x.path = x.at("p.wasm")
	x.mkdir(x.dir)
	have := Digest(sha256.Sum256(component(1)))
	if tt.start == nil {
		x.put(x.path, 1)
	} else if tt.start(x); look(x.path).err != nil {
		have = Digest{}
	}
	w := New(c)
	defer w.Close()
	_, err := w.Add(x.path, have, func(ctx context.Context, c Change) {
		if c.Err != nil {
			e, _ := errors.AsType[*Error](c.Err)
			short := *e
			short.Path = "p.wasm"
			c.Err = &short
		}
		x.handle(ctx, c)
	})
	must(t, err)
	x.pause(200)
	tt.do(x)
	x.await(len(tt.want))
	x.pause(400)
	got := x.now()
	if !slices.Equal(got, tt.want) {
		t.Errorf("got  %q\nwant %q", got, tt.want)
	}
}

// TestEvents plays the cases with nothing but events: there is no poll within
// its time.
func TestEvents(t *testing.T) {
	if _, err := notify(); err != nil {
		t.Skip("nothing is told here: ", err)
	}
	var cases sync.WaitGroup
	defer cases.Wait()
	for i, tt := range changes {
		cases.Go(func() { // they mostly wait: all at once, however few processors there are
			t.Run(tt.name, func(t *testing.T) {
				giveUp := time.Minute // a busy machine copies slowly, which is no case of giving up
				if slices.Contains(tt.want, "RT103") || slices.Contains(tt.want, "RT104") {
					giveUp = time.Second
				}
				run(t, i, t.TempDir(), Config{Poll: time.Hour, Warn: func(err error) { t.Error(err) },
					Options: Options{Settle: 150 * time.Millisecond, GiveUp: giveUp}})
			})
		})
	}
}

// TestPolls plays the same cases with nothing but polls, on a clock of its own.
func TestPolls(t *testing.T) {
	for i, tt := range changes {
		t.Run(tt.name, func(t *testing.T) {
			root := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				run(t, i, root, Config{PollOnly: true, Poll: 50 * time.Millisecond,
					Options: Options{Settle: 150 * time.Millisecond, GiveUp: time.Second}})
			})
		})
	}
}
