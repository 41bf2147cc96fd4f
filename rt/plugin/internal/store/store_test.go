package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func then(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// openDir opens a directory of the operating system's.
func openDir(t testing.TB, path string) *Dir {
	t.Helper()
	d, err := Open(path)
	then(t, err)
	t.Cleanup(func() { d.Close() })
	return d
}

// openOn opens a directory in memory, as /d.
func openOn(t testing.TB, l *lossy) *Dir {
	t.Helper()
	then(t, makeAll(l, "/d"))
	d, err := open(l, "/d")
	then(t, err)
	return d
}

// codeOf is code that is told from others by a number.
func codeOf(n int) []byte {
	return []byte(strings.Repeat(fmt.Sprintf("code %d;", n), 100+n%50))
}

func identityOf(n int) (id Identity) {
	copy(id[:], fmt.Sprintf("identity %d", n))
	return id
}

func timeOf(n int) time.Time { return time.Unix(1_700_000_000+int64(n), 0) }

// put stores code and lets it go.
func put(t testing.TB, d *Dir, n int) Digest {
	t.Helper()
	h, err := d.Put(t.Context(), codeOf(n))
	then(t, err)
	h.Release()
	return h.Digest()
}

// advance has a slot go on to revision n, whose code is stored.
func advance(n int) func(*State) error {
	return func(s *State) error {
		slot := s.Slot("slot")
		if slot.Revisions == nil {
			slot.Revisions = make(map[Identity]Revision)
		}
		slot.Revisions[identityOf(n)] = Revision{DigestOf(codeOf(n)), timeOf(n)}
		slot.LastGood, slot.Stable = slot.Stable, identityOf(n)
		slot.Canary = &Canary{slot.Stable, float64(n%8) / 8, Salt{byte(n)}, n, timeOf(n)}
		return nil
	}
}

// at returns which revision a slot is at, 0 if none.
func at(s *State) int {
	if slot := s.Slots["slot"]; slot != nil {
		return slot.Canary.Step
	}
	return 0
}

// wantWhole opens and reads everything that a state needs.
func wantWhole(t testing.TB, d *Dir, s *State) {
	t.Helper()
	need := make(map[Digest]bool)
	s.needs(need)
	if len(need) == 0 && len(s.Slots) > 0 {
		t.Fatal("a state with slots needs nothing")
	}
	for digest := range need {
		if data, err := d.Get(t.Context(), digest); err != nil || DigestOf(data) != digest {
			t.Errorf("code that the state needs: %v", err)
		}
	}
}

// TestConcurrent: updates are not lost, and what is held is there, whatever
// others do.
func TestConcurrent(t *testing.T) {
	d := openOn(t, newLossy())
	const workers, rounds = 8, 25
	var removed atomic.Int64
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := range rounds {
				n := 1 + (w*rounds+i)%40 // others store the same
				h, err := d.Put(t.Context(), codeOf(n))
				if err != nil {
					t.Error(err)
					return
				}
				gone, err := d.Collect(t.Context())
				if err != nil || slices.Contains(gone, h.Digest()) {
					t.Errorf("Collect = %v, %v", gone, err)
				}
				removed.Add(int64(len(gone)))
				if _, err := d.Get(t.Context(), h.Digest()); err != nil {
					t.Errorf("what is held: %v", err)
				}
				err = d.Update(t.Context(), func(s *State) error {
					step := at(s)
					err := advance(n)(s)
					s.Slot("slot").Canary.Step = step + 1
					return err
				})
				if err != nil {
					t.Error(err)
				}
				h.Release()
				s, err := d.Load()
				if err != nil || at(s) == 0 {
					t.Errorf("Load = %+v, %v", s, err)
				}
			}
		})
	}
	group.Wait()
	s, err := d.Load()
	then(t, err)
	if at(s) != workers*rounds {
		t.Errorf("%d updates, want %d", at(s), workers*rounds)
	}
	if removed.Load() == 0 {
		t.Error("nothing was ever removed")
	}
	wantWhole(t, d, s)
}

// TestWait: who waits to write leaves with the context, and Close waits for who
// writes.
func TestWait(t *testing.T) {
	d := openDir(t, t.TempDir())
	entered, leave, updated := make(chan bool), make(chan bool), make(chan error)
	go func() {
		updated <- d.Update(context.Background(), func(s *State) error {
			s.Slot("x")
			entered <- true
			<-leave
			return nil
		})
	}()
	<-entered
	cause := errors.New("cause")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	if _, err := d.Put(ctx, codeOf(1)); !errors.Is(err, cause) {
		t.Errorf("Put = %v, want the cause", err)
	}
	if err := d.Update(ctx, func(*State) error { t.Error("called"); return nil }); !errors.Is(err, cause) {
		t.Errorf("Update = %v, want the cause", err)
	}
	if _, err := d.Collect(ctx); !errors.Is(err, cause) {
		t.Errorf("Collect = %v, want the cause", err)
	}
	closed := make(chan error)
	go func() { closed <- d.Close() }()
	for d.use() == nil { // until Close has begun
		d.users.Done()
		runtime.Gosched()
	}
	select {
	case <-closed:
		t.Error("Close did not wait")
	default:
	}
	if _, err := Open(d.Path()); err == nil && locks {
		t.Error("it could be opened again")
	}
	leave <- true
	then(t, <-updated)
	then(t, <-closed)
	then(t, d.Close())
	if _, err := d.Put(t.Context(), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("Put = %v", err)
	}
	if _, err := d.Get(t.Context(), Digest{}); !errors.Is(err, ErrClosed) {
		t.Errorf("Get = %v", err)
	}
	if err := d.Update(t.Context(), func(*State) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("Update = %v", err)
	}
	s, err := openDir(t, d.Path()).Load()
	if err != nil || s.Slots["x"] == nil {
		t.Errorf("Load = %+v, %v", s, err)
	}
}
