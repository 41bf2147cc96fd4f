package task

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func (t *turn) must(ctx context.Context) error {
	if t.try() {
		return nil
	}
	return t.take(ctx)
}

// TestTurnOrder has goroutines queue up one after the other: they get the turn
// in that order, and those whose context ends leave without it.
func TestTurnOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turn turn
		if !turn.try() || turn.try() {
			t.Fatal("a free turn is taken once")
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		why := errors.New("no time")
		var got []int
		for i := range 10 {
			c := t.Context()
			if i%3 == 0 {
				c = ctx
			}
			go func() {
				switch err := turn.take(c); {
				case i%3 != 0 && err == nil:
					got = append(got, i) // whoever has the turn
					turn.give()
				case i%3 == 0 && errors.Is(err, why):
				default:
					t.Errorf("waiter %d: %v", i, err)
				}
			}()
			synctest.Wait() // it is in the queue now
		}
		cancel(why)
		synctest.Wait()
		turn.give()
		synctest.Wait()
		if want := []int{1, 2, 4, 5, 7, 8}; len(got) != len(want) {
			t.Fatalf("turns went to %v, want %v", got, want)
		} else {
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("turns went to %v, want %v", got, want)
				}
			}
		}
		if !turn.try() {
			t.Error("the turn is not free at the end")
		}
	})
}

// TestTurnRace has goroutines take turns and give up at random: no two have the
// turn at once, and it is free at the end.
func TestTurnRace(t *testing.T) {
	var turn turn
	var wg sync.WaitGroup
	inside := 0 // guarded by turn; the race detector watches
	for range 8 {
		wg.Go(func() {
			for range 500 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(50))*time.Microsecond)
				if turn.must(ctx) == nil {
					inside++
					if inside != 1 {
						t.Errorf("%d have the turn", inside)
					}
					inside--
					turn.give()
				}
				cancel()
			}
		})
	}
	wg.Wait()
	if !turn.try() {
		t.Error("the turn is not free at the end")
	}
}

func TestInstanceEnter(t *testing.T) {
	var root Instance
	left, right := Instance{Parent: &root}, Instance{Parent: &root}
	inner := Instance{Parent: &left}
	steps := []struct {
		name       string
		in, caller *Instance
		want       bool
	}{
		{"host into left", &left, nil, true},
		{"left into its sibling", &right, &left, true},
		{"and back", &left, &right, false},
		{"right into what is inside left", &inner, &right, false},
		{"left into what is inside it", &inner, &left, true},
		{"out again, to the parent", &left, &inner, true},
		{"host into root", &root, nil, false},
	}
	for _, s := range steps {
		if got := s.in.Enter(s.caller); got != s.want {
			t.Errorf("%s: %v, want %v", s.name, got, s.want)
		}
	}
	inner.Exit(&left)
	right.Exit(&left)
	left.Exit(nil)
	if !right.Enter(nil) {
		t.Error("an instance cannot be entered after all have left")
	}
}
