package watch

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"
)

// TestStorm does to a directory what a minute of bad luck does, in a second,
// and without pauses: so many events that the system may lose some. Nothing
// torn is told, and what is there in the end is told last.
func TestStorm(t *testing.T) {
	x := &scene{T: t, dir: t.TempDir(), settle: 20 * time.Millisecond}
	x.path = x.at("p.wasm")
	w := New(Config{Poll: time.Second, Options: Options{Settle: x.settle, GiveUp: 100 * time.Millisecond}})
	defer w.Close()
	_, err := w.Add(x.path, Digest{}, x.handle)
	must(t, err)
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	var writers sync.WaitGroup
	writers.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			for i := range 20 {
				x.put(x.at(fmt.Sprint("other", i)), n%100)
			}
		}
	})
	writers.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			switch version := 10 + n%80; n % 4 {
			case 0:
				x.put(x.path, version)
			case 1:
				x.put(x.at("tmp"), version)
				x.rename(x.at("tmp"), x.path)
			case 2:
				x.remove(x.path)
				x.put(x.path, version)
			case 3:
				chunked(x, x.path, component(version), 1000, 0)
				time.Sleep(time.Duration(n%60) * time.Millisecond)
			}
		}
	})
	writers.Wait()
	most := int(time.Since(began)/x.settle) + 1
	x.put(x.path, 2)
	got := x.now()
	for range 1000 {
		if got = x.now(); len(got) > 0 && got[len(got)-1] == "v2" {
			break
		}
		time.Sleep(x.settle)
	}
	if len(got) == 0 || got[len(got)-1] != "v2" {
		t.Errorf("told last: %q, want v2", got)
	}
	if len(got) > most+5 {
		t.Errorf("%d changes, want no more than files can come to rest in that time, %d", len(got), most)
	}
	for _, s := range got {
		if s == "what nobody wrote" || s == "digest of other bytes" {
			t.Errorf("told of %s in %q", s, got)
		}
	}
	t.Logf("told %d changes", len(got))
}

// TestManyFiles changes all files of a full directory.
func TestManyFiles(t *testing.T) {
	const files = 300
	x := &scene{T: t, dir: t.TempDir(), settle: 150 * time.Millisecond}
	w := New(Config{Poll: time.Hour})
	defer w.Close()
	scenes := make([]*scene, files)
	for i := range scenes {
		s := &scene{T: t, settle: x.settle, path: x.at(fmt.Sprint(i, ".wasm"))}
		_, err := w.Add(s.path, Digest{}, s.handle)
		must(t, err)
		scenes[i] = s
	}
	for round := 1; round <= 2; round++ {
		for _, s := range scenes {
			x.put(x.at("tmp"), round)
			x.rename(x.at("tmp"), s.path)
		}
		for _, s := range scenes {
			if s.await(round); s.now()[round-1] != fmt.Sprint("v", round) {
				t.Fatalf("%s: got %q", s.path, s.now())
			}
		}
	}
	x.pause(300)
	for _, s := range scenes {
		if got := s.now(); len(got) != 2 {
			t.Errorf("%s: got %q, want each change once", s.path, got)
		}
	}
}
