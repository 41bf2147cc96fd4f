package rt

import (
	"fmt"
	"math"

	"github.com/tetratelabs/wazero/api"

	"github.com/witgen/witgen/rt/internal/core"
	"github.com/witgen/witgen/rt/internal/task"
)

const (
	// defaultStack is what the call stacks of an instance may take.
	defaultStack = 128 << 20

	// keptStack is the length up to which call stacks are kept for later calls.
	keptStack = 512 << 10
)

// What a core runtime begins a call stack with, in bytes, and what it has for
// each exception handler beside a copy of the stack.
const (
	firstStack  = 10_240
	handlerSize = 2_560
)

// stack is the account of the call stacks that an instance runs on: one for each
// call of its host's or between its component instances that is under way. It
// belongs to whoever has the turn.
//
// A core instance adds up what its functions take, as far as a mark, at which it
// asks its host. An exception handler is another matter: wazero's compiler copies
// the whole stack for it, with the room it has grown to. And when an exception is
// caught, functions of any core instance end without taking themselves off their
// account, which is therefore kept for each handler.
type stack struct {
	gauges []gauge
	limit  int64 // of what all take, and twice what copies of them may
	marked int64 // what all marks were together at most, which is how far stacks may have grown
	used   []uint64
	live   []handler
}

// gauge is the account of a core instance.
type gauge struct {
	mod             api.Module
	used, mark, ask api.MutableGlobal // ask is nil without exception handlers
}

// handler is an exception handler that is there.
type handler struct {
	copied int64 // by those around it, in bytes
	begin  int   // in stack.used: the accounts of all core instances
}

// adopt takes in a new core instance.
func (s *stack) adopt(m api.Module, im image) {
	if im.Used == "" {
		return
	}
	g := gauge{mod: m, used: m.ExportedGlobal(im.Used).(api.MutableGlobal), mark: m.ExportedGlobal(im.Mark).(api.MutableGlobal)}
	if im.Ask != "" {
		g.ask = m.ExportedGlobal(im.Ask).(api.MutableGlobal)
	}
	s.gauges = append(s.gauges, g)
	s.marked += core.FirstMark
}

// of returns the account of a core instance; nil if it has none.
func (s *stack) of(mod api.Module) *gauge {
	for i := range s.gauges {
		if s.gauges[i].mod == mod {
			return &s.gauges[i]
		}
	}
	return nil
}

// raise lets a core instance that has reached its mark go on to another. The
// error says that there is none.
func (s *stack) raise(g *gauge) error {
	var used, marks int64
	for _, o := range s.gauges {
		used += int64(o.used.Get())
		marks += int64(o.mark.Get())
	}
	if used > s.limit {
		return exhausted("recursion needs more than %s (Limits.Stack)", size(s.limit))
	}
	mine, was := int64(g.used.Get()), int64(g.mark.Get())
	mark := max(2*was, mine)
	if marks-was+mark > s.limit {
		marks = s.settle()
		mark = min(mark, s.limit-(marks-was))
	}
	mark = max(mark, mine+core.FirstMark)
	g.mark.Set(uint64(mark))
	s.marked = max(s.marked, marks-was+mark)
	return nil
}

// settle takes back what core instances may take without having done so, and
// returns how far all may go.
func (s *stack) settle() (marks int64) {
	for _, o := range s.gauges {
		mark := min(o.mark.Get(), o.used.Get()+core.FirstMark)
		o.mark.Set(mark)
		marks += int64(mark)
	}
	return marks
}

// answer does what a core instance asks for, and returns what that costs in fuel
// beyond what the guest pays for it. The error says that it may not have it.
func (s *stack) answer(g *gauge) (fuel int64, err error) {
	n := core.AskHandler - int64(g.ask.Get())
	g.ask.Set(0)
	if n > 0 {
		s.end(int(n))
		return 0, nil
	}
	bytes := s.copySize()
	copied := bytes
	if n := len(s.live); n > 0 {
		copied += s.live[n-1].copied
	}
	if copied > s.limit/2 {
		return 0, exhausted("recursion with %d exception handlers, each with a copy of the stack, needs more than %s (half of Limits.Stack)",
			len(s.live)+1, size(s.limit/2))
	}
	s.live = append(s.live, handler{copied: copied, begin: len(s.used)})
	for _, o := range s.gauges {
		s.used = append(s.used, o.used.Get())
	}
	g.ask.Set(uint64(len(s.live)))
	return (bytes - firstStack - handlerSize) / 8, nil
}

// end ends the n-th handler, and those inside it.
func (s *stack) end(n int) {
	if n > len(s.live) {
		return
	}
	begin := s.live[n-1].begin
	for i, o := range s.gauges {
		o.used.Set(s.used[begin+i])
	}
	s.live, s.used = s.live[:n-1], s.used[:begin]
}

// copySize is what an exception handler takes: the stack may have grown as far as
// the marks, and an eighth more as all that is an estimate, to the next of its
// lengths, each of which is twice the one before.
func (s *stack) copySize() int64 {
	size := int64(firstStack)
	for need := s.marked + s.marked/8 + core.Unaccounted; size < need && size < math.MaxInt64/2; {
		size *= 2
	}
	return size + handlerSize
}

// deep reports whether stacks have grown longer than is kept.
func (s *stack) deep() bool { return s.marked > keptStack+int64(len(s.gauges))*core.FirstMark }

// rest begins anew with stacks that have not grown. No guest runs.
func (s *stack) rest() {
	for _, o := range s.gauges {
		o.mark.Set(core.FirstMark)
	}
	s.marked = int64(len(s.gauges)) * core.FirstMark
	s.used, s.live = nil, nil
}

// exhausted is why a guest is stopped.
func exhausted(format string, args ...any) error {
	return &task.Interrupted{Why: task.ErrStack, Cause: fmt.Errorf(format, args...)}
}

// account answers a core instance about the call stack. It stops the guest if
// that is used up.
func (in *Instance) account(t *task.Task, mod api.Module) {
	g := in.stack.of(mod)
	if g == nil {
		return
	}
	var err error
	if g.ask != nil && int64(g.ask.Get()) < 0 {
		var fuel int64
		fuel, err = in.stack.answer(g)
		in.meter.charge(mod, fuel)
	} else if int64(g.used.Get()) > int64(g.mark.Get()) {
		err = in.stack.raise(g)
	}
	if err != nil {
		t.Fail(err)
	}
	if in.tree.Grown == nil && in.stack.deep() {
		in.tree.Grown = in.renew
	}
}

// renew lets go of the functions that the host and the component have looked up,
// and so of the call stacks that these keep. It is called when no guest runs.
func (in *Instance) renew() {
	in.stack.rest()
	clear(in.functions)
	in.lookUpReallocs()
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, f := range in.funcs {
		f.fn.Renew()
	}
	for _, list := range in.exports {
		for _, f := range list {
			f.Renew()
		}
	}
	for _, f := range in.dtors {
		f.Renew()
	}
}
