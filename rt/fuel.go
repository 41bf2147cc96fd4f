package rt

import (
	"context"
	"math"

	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/rt/internal/task"
)

// The fuel that a core instance gets at a time: after as much, the host sees
// whether the call's context is done. It lasts for a fraction of a millisecond
// on most guests, some milliseconds at worst, but where a guest touches its memory
// for the first time.
const (
	compiledSlice    = 1_000_000
	interpretedSlice = 50_000
)

// meter counts the fuel of an instance. It belongs to whoever has the turn.
type meter struct {
	tanks []tank
	given uint64 // to all core instances, less what was taken back

	slice int64

	perCall, inAll uint64 // limits; 0 for none
	limit          uint64 // what given may become in the call that runs
	before         uint64 // what it was when that began
	noted          uint64 // what was used when a long time was over, the last time
}

// tank is the fuel of a core instance.
type tank struct {
	mod  api.Module
	fuel api.MutableGlobal
}

func (t tank) left() int64 { return int64(t.fuel.Get()) }

// used returns how much fuel was used so far.
func (m *meter) used() uint64 {
	used := m.given
	for _, t := range m.tanks {
		used -= uint64(t.left()) // below 0 for what was begun and not paid for
	}
	return used
}

// begin begins a call: it has its own budget, so that what is left from the last
// is taken back.
func (m *meter) begin() {
	m.drain()
	m.limit, m.before = math.MaxUint64, m.given
	if m.inAll > 0 {
		m.limit = m.inAll
	}
	if m.perCall > 0 && m.perCall < m.limit-m.given {
		m.limit = m.given + m.perCall
	}
}

// call returns how much fuel the call that runs has used; 0 if there is no limit,
// as calls are not told apart then.
func (m *meter) call() uint64 {
	if !m.limited() {
		return 0
	}
	m.drain()
	return m.given - m.before
}

// fresh reports whether no core instance was given anything in the call that runs,
// which has a budget.
func (m *meter) fresh() bool { return m.given == m.before && m.limited() }

// drain takes back what fuel is left.
func (m *meter) drain() {
	for _, t := range m.tanks {
		if left := t.left(); left > 0 {
			m.given -= uint64(left)
			t.fuel.Set(0)
		}
	}
}

// limited reports whether there is a limit.
func (m *meter) limited() bool { return m.perCall > 0 || m.inAll > 0 }

// long reports whether so much was used since it last said so as an instance gets
// at a time.
func (m *meter) long() bool {
	used := m.used()
	if used-m.noted < uint64(m.slice) {
		return false
	}
	m.noted = used
	return true
}

// refill gives a core instance the fuel that its next check asks for, and more.
// It reports whether the budget has as much.
func (m *meter) refill(mod api.Module) bool {
	for _, t := range m.tanks {
		if t.mod != mod {
			continue
		}
		left := t.left()
		if left >= 0 {
			return true
		}
		if m.limit-m.given < uint64(m.slice-left) {
			m.drain() // the others may have some; this one has none
		}
		more := min(uint64(m.slice-left), m.limit-m.given)
		m.given += more
		t.fuel.Set(uint64(left + int64(more)))
		return left+int64(more) >= 0
	}
	return true
}

// charge takes fuel from a core instance, for what its check did not pay for.
func (m *meter) charge(mod api.Module, n int64) {
	for _, t := range m.tanks {
		if t.mod == mod {
			t.fuel.Set(uint64(t.left() - n))
		}
	}
}

// refill is called by a core instance whose fuel is used up, or that has
// something to say of its call stack. It stops the guest if its call is to end, or
// has used up its budget. The first time in a call with a budget it does not look
// whether that is to end: who began the call has.
func (in *Instance) refill(t *task.Task, mod api.Module) {
	if !in.meter.fresh() {
		if in.meter.long() {
			heedClock(t)
		}
		heed(t)
	}
	in.account(t, mod)
	if !in.meter.refill(mod) {
		t.Fail(&task.Interrupted{Why: task.ErrFuel})
	}
}

// FuelUsed returns how much fuel the instance has used since it was started: a
// unit for each instruction or more, for those that take long. The same calls
// use the same fuel on every machine. It waits for the call that runs, if one
// does, unless ctx is that of a host function which the instance itself called.
// It is 0 if the engine does not interrupt guests. The error is ctx's cause if
// that is done first, or [ErrClosed] for a closed instance.
func (in *Instance) FuelUsed(ctx context.Context) (used uint64, err error) {
	err = in.tree.Look(ctx, func() { used = in.meter.used() })
	return used, err
}
