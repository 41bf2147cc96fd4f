package rt_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/golden/streams/rooms"
	"github.com/witgen/witgen/golden/streams/shapes"
	"github.com/witgen/witgen/golden/streams/silent"
	"github.com/witgen/witgen/golden/streams/streams"
	"github.com/witgen/witgen/golden/streams/work"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

const (
	workName  = "golden:streams/work@0.1.0#"
	roomsName = "golden:streams/rooms@0.1.0#"
)

// worker is a host whose functions say what they were called with.
type worker struct {
	work.UnimplementedWork
	streams.UnimplementedFunctions
	rests int
	err   error
}

func (w *worker) Rest(context.Context) error {
	w.rests++
	return w.err
}

func (w *worker) Add(_ context.Context, a, b uint32) (uint32, error) { return a + b, w.err }

func (w *worker) Join(_ context.Context, a, b string, c int8, d float64) (string, error) {
	return fmt.Sprint(a, "|", b, "|", c, "|", d), w.err
}

func (w *worker) Run(_ context.Context, j shapes.Job) (shapes.Answer, error) {
	switch {
	case w.err != nil:
		return nil, w.err
	case j.Weight > 100:
		return nil, cm.Err[shapes.Refusal]{Value: shapes.RefusalUnknown}
	case j.Weight > 50:
		return shapes.AnswerNone{}, nil
	case j.Weight > 10:
		return shapes.AnswerNumber{Value: 1<<40 + uint64(j.Weight)}, nil
	}
	return shapes.AnswerText{Value: j.Name + strings.Join(j.Tags, "")}, nil
}

func (w *worker) Check(_ context.Context, name string) error {
	if name == "" {
		return cm.Errorf("no näme")
	}
	return w.err
}

func (w *worker) Many(_ context.Context, jobs []shapes.Job, first, second, third shapes.Job, last shapes.Answer) ([]shapes.Job, error) {
	return append(jobs, third, second, first, shapes.Job{Name: fmt.Sprint(last)}), w.err
}

func (w *worker) Until(_ context.Context, when uint64) (uint64, error) { return 2 * when, w.err }

func startWorker(t *testing.T, g *guest, w *worker) *streams.Streams {
	t.Helper()
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	p, err := streams.Instantiate(t.Context(), g.compile(t, e), streams.Imports{
		Work: w, Rooms: rooms.UnimplementedRooms{}, Feeds: streamsHost{}, Silent: silent.UnimplementedSilent{}, Functions: w,
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

// syncWorker is a guest of the world of golden/streams that lifts and lowers
// async functions synchronously.
func syncWorker(t *testing.T, encoding byte) *guest {
	source, _ := streamsWorld(t)
	g := &guest{world: source, encoding: encoding, funcs: map[string]body{
		roomsName + "[constructor]room":  does(get(0), call("new room")),
		roomsName + "[method]room.enter": does(get(2)),
		roomsName + "[static]room.merge": does(get(0)),
		"pong":                           does(get(0), "\xad", call("until"), "\xa7"),
	}}
	for _, f := range []string{"rest", "add", "join", "run", "check", "many"} {
		g.funcs[workName+f] = does(passOn(workName + f))
	}
	return g
}

// asyncWorker is one that does so with the option async, and never waits.
func asyncWorker(t *testing.T, encoding byte) *guest {
	const args = 640 // parameters that go through memory
	result := func(offset int) string { return i32(resultArea) + load(offset) }
	// through calls an import, which has returned at once, and hands over what
	// results leave on the stack.
	through := func(iface, to, from string, params []string, results ...string) body {
		b := body{}
		for _, p := range params {
			b.code = append(b.code, p)
		}
		b.code = append(b.code, call(iface+to), i32(2), "\x47", when, trap, end)
		for _, r := range results {
			b.code = append(b.code, r)
		}
		b.code = append(b.code, call("return "+iface+from), i32(0))
		return b
	}
	g := syncWorker(t, encoding)
	g.callback = &body{code: []any{trap}}
	g.funcs[workName+"rest"] = through(workName, "rest", "rest", nil)
	g.funcs[workName+"add"] = through(workName, "add", "add", []string{get(0), get(1), i32(resultArea)}, result(0))
	g.funcs[workName+"join"] = through(workName, "join", "join", []string{
		i32(args), get(0), store(0), i32(args), get(1), store(4), i32(args), get(2), store(8), i32(args), get(3), store(12),
		i32(args), get(4), "\x3a\x00\x10", i32(args), get(5), "\x39\x00\x18", i32(args), i32(resultArea),
	}, result(0), result(4))
	g.funcs[workName+"run"] = through(workName, "run", "run", []string{
		i32(args), get(0), store(0), i32(args), get(1), store(4), i32(args), get(2), store(8), i32(args), get(3), store(12),
		i32(args), get(4), store(16), i32(args), i32(resultArea),
	},
		i32(resultArea), load8(0), i32(resultArea), load8(8),
		i32(resultArea), "\x35\x00\x10", i32(resultArea), "\x29\x00\x10", i32(resultArea), load8(8), i32(2), eq, "\x1b", // a pointer, or a u64
		result(20))
	g.funcs[workName+"check"] = through(workName, "check", "check", []string{get(0), get(1), i32(resultArea)},
		i32(resultArea), load8(0), result(4), result(8))
	g.funcs[workName+"many"] = through(workName, "many", "many", []string{get(0), i32(resultArea)}, result(0), result(4))
	g.funcs["pong"] = through("", "until", "pong", []string{get(0), "\xad", i32(resultArea)}, i32(resultArea), "\x29\x00\x00", "\xa7")
	for f, n := range map[string]int{"[method]room.enter": 2, "[static]room.merge": 0} {
		g.funcs[roomsName+f] = does(get(n), call("return "+roomsName+f), i32(0))
	}
	return g
}

// TestAsync calls async functions of guests that never wait, which call those
// of their host: however they lift and lower them, values arrive.
func TestAsync(t *testing.T) {
	for name, guest := range map[string]func(*testing.T, byte) *guest{"sync": syncWorker, "async": asyncWorker} {
		for encoding := range byte(3) {
			t.Run(fmt.Sprint(name, encoding), func(t *testing.T) {
				w := &worker{}
				callWorker(t, w, startWorker(t, guest(t, encoding), w))
			})
		}
	}
}

func callWorker(t *testing.T, w *worker, p *streams.Streams) {
	ctx := t.Context()
	if err := p.Work.Rest(ctx); err != nil || w.rests != 1 {
		t.Errorf("rest: %v; %d times", err, w.rests)
	}
	if n, err := p.Work.Add(ctx, 40, 1<<31); n != 40+1<<31 || err != nil {
		t.Errorf("add = %d, %v", n, err)
	}
	if s, err := p.Work.Join(ctx, "äß", "", -7, 2.5); s != "äß||-7|2.5" || err != nil {
		t.Errorf("join = %q, %v", s, err)
	}
	job := shapes.Job{Name: "j→", Tags: []string{"a", "ö"}}
	for weight, want := range map[uint32]shapes.Answer{
		1: shapes.AnswerText{Value: "j→aö"}, 11: shapes.AnswerNumber{Value: 1<<40 + 11}, 51: shapes.AnswerNone{},
	} {
		job.Weight = weight
		if got, err := p.Work.Run(ctx, job); got != want || err != nil {
			t.Errorf("run of %d = %v, %v, want %v", weight, got, err, want)
		}
	}
	job.Weight = 101
	if v, err := p.Work.Run(ctx, job); v != nil || !errors.Is(err, cm.Err[shapes.Refusal]{Value: shapes.RefusalUnknown}) {
		t.Errorf("run = %v, %v", v, err)
	}
	if err := p.Work.Check(ctx, "x"); err != nil {
		t.Errorf("check: %v", err)
	}
	if err := p.Work.Check(ctx, ""); !errors.Is(err, cm.Err[string]{Value: "no näme"}) {
		t.Errorf("check: %v", err)
	}
	one, two, three := shapes.Job{Name: "1", Tags: []string{}}, shapes.Job{Name: "2", Tags: []string{"x"}}, shapes.Job{Name: "3", Tags: []string{}}
	got, err := p.Work.Many(ctx, []shapes.Job{job}, one, two, three, shapes.AnswerText{Value: "end"})
	if want := []shapes.Job{job, three, two, one, {Name: "{end}", Tags: []string{}}}; !reflect.DeepEqual(got, want) || err != nil {
		t.Errorf("many = %v, %v, want %v", got, err, want)
	}
	if n, err := p.Pong(ctx, 21); n != 42 || err != nil {
		t.Errorf("pong = %d, %v", n, err)
	}
	callRooms(t, p)
	if err := p.Work.Check(ctx, "\xff"); err == nil || !strings.Contains(err.Error(), workName+"check: ") {
		t.Errorf("check of what is no text: %v", err)
	}
	if err := p.Work.Rest(ctx); err != nil {
		t.Errorf("rest after that: %v", err)
	}
}

func callRooms(t *testing.T, p *streams.Streams) {
	ctx := t.Context()
	a, err := p.Rooms.NewRoom(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	b, err := p.Rooms.NewRoom(ctx, "b")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := a.Enter(ctx, "eve"); n != 3 || err != nil {
		t.Errorf("enter = %d, %v", n, err)
	}
	merged, err := p.Rooms.RoomMerge(ctx, a, b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Enter(ctx, "eve"); err == nil {
		t.Error("a room that was given away can be entered")
	}
	for _, r := range []rooms.Room{merged, b} {
		if n, err := r.Enter(ctx, "eve"); n != 3 || err != nil {
			t.Errorf("enter = %d, %v", n, err)
		}
		if err := r.Close(ctx); err != nil {
			t.Error(err)
		}
	}
}

// TestAsyncYields has a guest return its result in a callback.
func TestAsyncYields(t *testing.T) {
	g := asyncWorker(t, utf8Text)
	g.funcs["pong"] = does(i32(64), get(0), store(0), i32(1))
	g.callback = &body{code: []any{i32(64), load(0), i32(1), add, call("return pong"), i32(0)}}
	p := startWorker(t, g, &worker{})
	for n := range uint32(3) {
		if got, err := p.Pong(t.Context(), n); got != n+1 || err != nil {
			t.Errorf("pong = %d, %v, want %d", got, err, n+1)
		}
	}
}

// TestAsyncTraps has guests break rules of async functions, or wait.
func TestAsyncTraps(t *testing.T) {
	const join = workName + "join"
	ended := func(f string, code ...any) body { return body{code: append(code, call("return "+f), i32(0))} }
	for _, tt := range []struct {
		name, function string
		body           body
		callback       body
		kind           rt.TrapKind
		want           string
	}{
		{"waits", "pong", does(i32(2)), does(trap), rt.TrapABI, "deadlock detected: event loop cannot make further progress"},
		{"hands over nothing", "pong", does(i32(0)), does(trap), rt.TrapABI, "async-lifted export failed to produce a result"},
		{"hands over twice", "pong", ended("pong", get(0), call("return pong"), get(0)), does(trap), rt.TrapABI, "task.return: `task.return` or `task.cancel` called more than once"},
		{"no such code", "pong", ended("pong", get(0), call("return pong"), i32(5), "\x0f", get(0)), does(trap), rt.TrapABI, "unsupported callback code"},
		{"no text", join, ended(join, i32(dataBase), i32(1)), does(trap), rt.TrapABI, "task.return: "},
		{"outside", join, ended(join, i32(-1), i32(9)), does(trap), rt.TrapABI, "task.return: "},
		{"of another function", join, ended("pong", i32(0)), does(trap), rt.TrapABI, "task.return: invalid `task.return` signature"},
		{"traps", "pong", does(trap), does(trap), rt.TrapUnreachable, "wasm `unreachable` instruction executed (at "},
		{"traps in a callback", "pong", does(i32(1)), does(trap), rt.TrapUnreachable, "callback: wasm `unreachable` instruction executed (at "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := asyncWorker(t, utf8Text)
			g.data = "\xff"
			g.funcs[tt.function] = tt.body
			g.callback = &tt.callback
			p := startWorker(t, g, &worker{})
			call := func() (err error) {
				if tt.function == "pong" {
					_, err = p.Pong(t.Context(), 1)
				} else {
					_, err = p.Work.Join(t.Context(), "a", "b", 0, 0)
				}
				return err
			}
			wantTrap(t, nil, call(), tt.kind, "trap in "+tt.function+": ", tt.want)
			wantLocked(t, tt.function, call())
		})
	}
}

// TestAsyncHostFails has the host fail where a guest awaits it.
func TestAsyncHostFails(t *testing.T) {
	for name, guest := range map[string]func(*testing.T, byte) *guest{"sync": syncWorker, "async": asyncWorker} {
		t.Run(name, func(t *testing.T) {
			mine := errors.New("mine")
			p := startWorker(t, guest(t, utf8Text), &worker{err: mine})
			_, err := p.Work.Add(t.Context(), 1, 2)
			wantTrap(t, nil, err, rt.TrapHost, "trap in "+workName+"add: ", workName+"add: mine")
			if !errors.Is(err, mine) {
				t.Errorf("%v is not what the host returned", err)
			}
		})
	}
}

// TestAsyncBadPointers has a guest lower an async function with arguments, or
// room for a result, where it has no memory: the host is not called for the
// first, and the result is not written for the second.
func TestAsyncBadPointers(t *testing.T) {
	for name, tt := range map[string]struct {
		body body
		want string
	}{
		"arguments": {does(i32(-8), i32(resultArea), call(workName+"join"), drop, trap), "pointer 0xfffffff8: 32 bytes outside"},
		"unaligned": {does(i32(resultArea+1), i32(resultArea), call(workName+"join"), drop, trap), "unaligned pointer"},
		"result":    {does(i32(1), i32(2), i32(-4), call(workName+"add"), drop, trap), "pointer 0xfffffffc: 4 bytes outside"},
	} {
		t.Run(name, func(t *testing.T) {
			g := asyncWorker(t, utf8Text)
			g.funcs["ping"] = tt.body
			p := startWorker(t, g, &worker{})
			_, err := p.Ping(t.Context(), 1)
			wantTrap(t, nil, err, rt.TrapABI, "trap in ping: ", tt.want)
		})
	}
}

// TestAsyncYieldsForEver has a guest yield again and again: it stops when the
// context of its call is done, with the trap that any other guest ends with.
func TestAsyncYieldsForEver(t *testing.T) {
	g := asyncWorker(t, utf8Text)
	g.funcs["pong"] = does(i32(1))
	g.callback = &body{code: []any{i32(1)}}
	p := startWorker(t, g, &worker{})
	ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Millisecond, errStopped)
	defer cancel()
	_, err := p.Pong(ctx, 1)
	wantTrap(t, nil, err, rt.TrapDeadline, "trap in pong: ", "context done: that is enough")
	for _, want := range []error{rt.ErrDeadline, errStopped} {
		if !errors.Is(err, want) {
			t.Errorf("%v has not %q in it", err, want)
		}
	}
	_, err = p.Pong(t.Context(), 1)
	wantLocked(t, "pong", err)
}
