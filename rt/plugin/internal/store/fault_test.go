package store

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
)

// steps is what a host does: the state goes on, old code is collected.
func steps(t testing.TB, d *Dir) []func() error {
	var all []func() error
	for n := 1; n <= 4; n++ {
		var held *Hold
		all = append(all,
			func() (err error) {
				held, err = d.Put(t.Context(), codeOf(n))
				return err
			},
			func() error { return d.Update(t.Context(), advance(n)) },
			func() error {
				held.Release()
				_, err := d.Get(t.Context(), DigestOf(codeOf(n)))
				return err
			},
		)
		if n%2 == 0 {
			all = append(all, func() error {
				_, err := d.Put(t.Context(), codeOf(100+n)) // nobody names it
				return err
			}, func() error {
				d.Hold(DigestOf(codeOf(100 + n))).Release()
				d.mu.Lock()
				clear(d.held)
				d.mu.Unlock()
				_, err := d.Collect(t.Context())
				return err
			})
		}
	}
	return all
}

// run takes all steps until one fails. It returns which state was the last to be
// stored, and the last that may have been.
func run(t testing.TB, l *lossy) (stored, tried int) {
	if makeAll(l, "/d") != nil {
		return 0, 0
	}
	d, err := open(l, "/d")
	if err != nil {
		return 0, 0
	}
	for _, step := range steps(t, d) {
		before := at(d.state)
		err := step()
		stored = at(d.state)
		if stored > before {
			tried = stored
		}
		if err != nil {
			return stored, stored + 1
		}
	}
	return stored, tried
}

// TestPowerLoss has the power fail at each call of the file system, and again
// while what is left is being opened. Whatever is left of what was not flushed,
// the state is whole and not older than the last that was stored, and so is the
// code it names, and one can go on.
func TestPowerLoss(t *testing.T) {
	whole := newLossy()
	if stored, _ := run(t, whole); stored != 4 {
		t.Fatalf("without faults: %d", stored)
	}
	seeds := 20
	if testing.Short() {
		seeds = 5
	}
	t.Logf("%d calls, %d outcomes each", whole.calls, seeds)
	var older, newer int
	for k := 1; k <= whole.calls+1; k++ {
		l := newLossy()
		l.fail = powerFailsAt(k)
		stored, tried := run(t, l)
		for seed := range seeds {
			rng := rand.New(rand.NewPCG(uint64(k), uint64(seed)))
			left := l.crash(rng)
			again := left.clone()
			again.fail = powerFailsAt(1 + rng.IntN(40))
			if makeAll(again, "/d") == nil {
				_, _ = open(again, "/d")
			}
			for _, left := range []*lossy{left, again.crash(rng)} {
				d := openOn(t, left)
				s, err := d.Load()
				if err != nil || at(s) < stored || at(s) > tried {
					t.Fatalf("power fails at call %d (%s), seed %d: state at %d, %v; want %d to %d",
						k, l.log[len(l.log)-1], seed, at(s), err, stored, tried)
				}
				if at(s) > stored {
					newer++
				} else if tried > stored {
					older++
				}
				wantWhole(t, d, s)
				if list, _ := left.list(d.at(damagedDir)); len(list) > 0 {
					t.Errorf("power fails at call %d, seed %d: %v is damaged", k, seed, list)
				}
				put(t, d, 9)
				then(t, d.Update(t.Context(), advance(9)))
				wantNoTemp(t, left)
			}
			if t.Failed() {
				t.Fatalf("power fails at call %d (%s), seed %d", k, l.log[len(l.log)-1], seed)
			}
		}
	}
	if older == 0 || newer == 0 {
		t.Errorf("a state that was being stored was left %d times, the one before %d times", newer, older)
	}
}

func wantNoTemp(t testing.TB, l *lossy) {
	t.Helper()
	for at := range l.live {
		if strings.Contains(at, tempPrefix) {
			t.Errorf("%s is left", at)
		}
	}
}

// TestStopped has the process stop at each call of the file system, and the power
// fail when another has opened the directory: what that was told is there is on
// the disk.
func TestStopped(t *testing.T) {
	whole := newLossy()
	run(t, whole)
	for k := 1; k <= whole.calls+1; k++ {
		l := newLossy()
		l.fail = powerFailsAt(k)
		run(t, l)
		l.fail = nil
		d := openOn(t, l)
		s, err := d.Load()
		then(t, err)
		then(t, d.Update(t.Context(), func(*State) error { return nil }))
		list, err := d.List()
		then(t, err)
		for seed := range 10 {
			d := openOn(t, l.crash(rand.New(rand.NewPCG(uint64(k), uint64(seed)))))
			if got, err := d.Load(); err != nil || at(got) != at(s) {
				t.Fatalf("stopped at call %d, seed %d: at %d, %v; want %d", k, seed, at(got), err, at(s))
			}
			for _, c := range list {
				if _, err := d.Get(t.Context(), c.Digest); err != nil {
					t.Fatalf("stopped at call %d, seed %d: %v", k, seed, err)
				}
			}
		}
	}
}

// TestFault has each call of the file system fail once. It is a fault, not
// damage; the step can be taken again; and nothing is lost or left.
func TestFault(t *testing.T) {
	whole := newLossy()
	openOn(t, whole)
	opened := whole.calls
	whole = newLossy()
	run(t, whole)
	told := 0
	for k := opened + 1; k <= whole.calls; k++ {
		for _, cause := range []struct {
			err  error
			kind Kind
		}{{syscall.ENOSPC, Full}, {syscall.EIO, Otherwise}} {
			l := newLossy()
			d := openOn(t, l)
			var failed string
			l.fail = func(n int, call string) error {
				if n == k {
					failed = call
				}
				return failsOnce(k, cause.err)(n, call)
			}
			for i, step := range steps(t, d) {
				err := step()
				if err == nil {
					continue
				}
				told++
				f, ok := errors.AsType[*FaultError](err)
				_, damage := errors.AsType[*DamageError](err)
				if !ok || damage || f.Kind != cause.kind || !errors.Is(err, cause.err) {
					t.Fatalf("%s: step %d: %v, want a fault: %s", failed, i, err, cause.kind)
				}
				other := openOn(t, l.clone())
				if s, err := other.Load(); err != nil || at(s) < at(d.state) {
					t.Errorf("%s: opened after it: %v, at %d, want %d", failed, err, at(s), at(d.state))
				}
				if err := step(); err != nil {
					t.Fatalf("%s: step %d, taken again: %v", failed, i, err)
				}
			}
			other := openOn(t, l)
			s, err := other.Load()
			if err != nil || at(s) != 4 {
				t.Errorf("%s: at %d, %v", failed, at(s), err)
			}
			wantWhole(t, other, s)
			wantNoTemp(t, l)
			if list, _ := l.list(d.at(damagedDir)); len(list) > 0 {
				t.Errorf("%s: %v is put aside", failed, list)
			}
		}
	}
	if told < (whole.calls-opened)/2 {
		t.Errorf("%d faults of %d calls were told", told, whole.calls-opened)
	}
}

// TestFaultOpen has each call fail once that opens a directory. What is there is
// not lost by that.
func TestFaultOpen(t *testing.T) {
	l := updated(t)
	before := l.clone()
	openOn(t, before)
	told := 0
	for k := 1; k <= before.calls; k++ {
		l := l.clone()
		var failed string
		l.fail = func(n int, call string) error {
			if n == k {
				failed = call
			}
			return failsOnce(k, syscall.EACCES)(n, call)
		}
		d, err := open(l, "/d")
		if err == nil {
			if s, err := d.Load(); at(s) != 2 {
				if loss, ok := errors.AsType[*LossError](err); !ok || loss.Empty() || !strings.HasPrefix(failed, "read ") {
					t.Errorf("%s: at %d, %v", failed, at(s), err)
				}
			}
			continue
		}
		told++
		if f, ok := errors.AsType[*FaultError](err); failed != "lock /d/lock" && (!ok || f.Kind != Denied) {
			t.Errorf("%s: %v, want a fault", failed, err)
		}
		if s, err := openOn(t, l).Load(); err != nil || at(s) != 2 {
			t.Errorf("%s: opened again: at %d, %v", failed, at(s), err)
		}
	}
	if told == 0 {
		t.Error("no fault was told")
	}
}

// TestFullFor has all that writes fail for a while. What is there can be read
// all the time, and code that a state which may be on the disk names is not
// collected.
func TestFullFor(t *testing.T) {
	for _, after := range []string{"create", "write", "sync /d/temp", "rename /d/temp /d/state.json", "syncdir /d"} {
		l := updated(t)
		d := openOn(t, l)
		put(t, d, 3)
		full := false
		l.fail = func(_ int, call string) error {
			op, _, _ := strings.Cut(call, " ")
			full = full || strings.HasPrefix(call, after)
			if full && op != "stat" && op != "list" && op != "open" && op != "read" && op != "close" && op != "remove" {
				return fmt.Errorf("%s: %w", call, syscall.ENOSPC)
			}
			return nil
		}
		for range 3 {
			err := d.Update(t.Context(), advance(3))
			if f, ok := errors.AsType[*FaultError](err); !ok || f.Kind != Full {
				t.Fatalf("full at %s: Update = %v", after, err)
			}
			s, err := d.Load()
			if err != nil || at(s) != 2 {
				t.Errorf("full at %s: at %d, %v", after, at(s), err)
			}
			wantWhole(t, d, s)
		}
		if _, err := d.Collect(t.Context()); err != nil {
			t.Errorf("full at %s: Collect = %v", after, err)
		}
		left := l.clone()
		other := openOn(t, left)
		s, err := other.Load()
		if err != nil || at(s) < 2 {
			t.Errorf("full at %s: opened again: at %d, %v", after, at(s), err)
		}
		wantWhole(t, other, s)
		l.fail = nil
		then(t, d.Update(t.Context(), func(*State) error { return nil })) // no change, but not sure to be there
		for seed := range uint64(20) {
			if s, err := openOn(t, l.crash(rand.New(rand.NewPCG(1, seed)))).Load(); err != nil || at(s) != 2 {
				t.Errorf("full at %s: stored again: at %d, %v", after, at(s), err)
			}
		}
	}
}

// TestKind tells faults from each other.
func TestKind(t *testing.T) {
	for _, test := range []struct {
		err  error
		want Kind
	}{
		{syscall.ENOSPC, Full}, {syscall.EDQUOT, Full}, {syscall.EFBIG, Full}, {syscall.EROFS, ReadOnly},
		{syscall.ENOENT, Missing}, {syscall.ENOTDIR, InTheWay}, {syscall.EISDIR, InTheWay}, {syscall.ENOTEMPTY, InTheWay},
		{syscall.EEXIST, InTheWay}, {syscall.EACCES, Denied}, {syscall.EPERM, Denied}, {syscall.EMFILE, Otherwise},
		{errors.New("x"), Otherwise},
	} {
		err := &fs.PathError{Op: "write", Path: "x", Err: test.err}
		f, ok := errors.AsType[*FaultError](fault(fmt.Errorf("y: %w", err)))
		if !ok || f.Kind != test.want {
			t.Errorf("%v is %+v, want %s", test.err, f, test.want)
		}
	}
	if err := fault(nil); err != nil {
		t.Errorf("no error is %v", err)
	}
}
