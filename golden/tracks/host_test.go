package tracks_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"unicode/utf8"

	"github.com/witgen/witgen/golden/tracks/v0_3/failures"
	"github.com/witgen/witgen/golden/tracks/v0_3/kinds"
	"github.com/witgen/witgen/golden/tracks/v0_3/log"
	"github.com/witgen/witgen/golden/tracks/v0_3/news"
	"github.com/witgen/witgen/golden/tracks/v0_3/tally"
	"github.com/witgen/witgen/golden/tracks/v0_3/tracks"
	"github.com/witgen/witgen/golden/tracks/v0_3/tracks/timer"
	"github.com/witgen/witgen/golden/tracks/v0_3/values"
	"github.com/witgen/witgen/golden/tracks/v0_3/work"
	"github.com/witgen/witgen/rt/cm"
)

// host knows version 0.3 alone. It notes what functions of values are called with,
// and answers with reply, or with what it was called with.
type host struct {
	values.UnimplementedValues
	got   any
	reply any

	logged []string
	kept   []log.Sink
	// resources of the host that are open, and those that were closed twice.
	open, twice atomic.Int64
}

func (h *host) imports() tracks.Imports {
	return tracks.Imports{
		Tally: tallier{host: h}, Values: h, Failures: failing{}, Log: logger{host: h}, Work: worker{host: h},
		News: latest{}, Timer: clock{host: h}, Functions: functions{host: h},
	}
}

// answer notes what a function was called with.
func answer[T any](h *host, got any, otherwise T) (T, error) {
	h.got = got
	if stop, ok := h.reply.(func()); ok {
		stop()
	}
	if r, ok := h.reply.(T); ok {
		return r, nil
	}
	return otherwise, nil
}

func (h *host) Number(_ context.Context, v int64) (uint16, error)      { return answer(h, v, uint16(v)) }
func (h *host) Float(_ context.Context, v float64) (float64, error)    { return answer(h, v, v) }
func (h *host) Grid(_ context.Context, v [3]uint64) ([3]uint64, error) { return answer(h, v, v) }

func (h *host) Glyph(_ context.Context, v string) (uint32, error) {
	c, _ := utf8.DecodeRuneInString(v)
	return answer(h, v, uint32(c))
}

func (h *host) Scale(_ context.Context, v cm.Option[uint32]) (cm.Option[uint32], error) {
	return answer(h, v, v)
}

func (h *host) Numbers(_ context.Context, v []uint64) ([]uint64, error) { return answer(h, v, v) }

func (h *host) Table(_ context.Context, v map[string]uint64) (map[string]uint64, error) {
	return answer(h, v, v)
}

func (h *host) Pair(_ context.Context, v cm.Tuple2[uint64, kinds.Item]) (cm.Tuple2[uint64, kinds.Item], error) {
	return answer(h, v, v)
}

func (h *host) Verdict(_ context.Context, v cm.Result[uint64, kinds.Level]) (cm.Option[cm.Result[uint64, kinds.Level]], error) {
	return answer(h, v, cm.Some(v))
}

func (h *host) Levels(_ context.Context, v []kinds.Level) ([]kinds.Level, error) {
	return answer(h, v, v)
}

func (h *host) Modes(_ context.Context, v kinds.Mode) (kinds.Mode, error)    { return answer(h, v, v) }
func (h *host) Shapes(_ context.Context, v kinds.Shape) (kinds.Shape, error) { return answer(h, v, v) }
func (h *host) Enter(_ context.Context, v kinds.Entry) (kinds.Entry, error)  { return answer(h, v, v) }
func (h *host) Paint(_ context.Context, v kinds.Color) (kinds.Color, error)  { return answer(h, v, v) }
func (h *host) Choose(_ context.Context, v kinds.Options) (kinds.Options, error) {
	return answer(h, v, v)
}

func (h *host) Items(_ context.Context, v cm.Option[kinds.Item]) (cm.Option[kinds.Item], error) {
	return answer(h, v, v)
}

// params are those of a function that has more than one.
type params [2]any

func (h *host) Params(_ context.Context, name string, o kinds.Options) (string, error) {
	return answer(h, params{name, o}, name)
}

func (h *host) Renamed(_ context.Context, first uint32, second string) (string, error) {
	return answer(h, params{first, second}, second)
}

func (h *host) Swapped(_ context.Context, a, b uint32) (uint32, error) {
	return answer(h, params{a, b}, 10*a+b)
}

func (h *host) Told(_ context.Context, n uint32) ([]string, error) {
	return answer(h, n, []string{fmt.Sprint(n)})
}

func (h *host) Asked(_ context.Context, n uint32) error {
	h.got = n
	return nil
}

// failing fails if it is called with 0, and with what is new in version 0.3 if it
// is called with 9.
type failing struct{ failures.UnimplementedFailures }

func fails(n uint32) error {
	switch n {
	case 0:
		return failures.FailureBroken
	case 9:
		return failures.FailureGone
	}
	return nil
}

func (failing) Owned(_ context.Context, n uint32) (uint32, error) { return n, fails(n) }
func (failing) Worth(_ context.Context, n uint32) (uint64, error) {
	return uint64(n) << (n / 5 * 8), fails(n)
}
func (failing) May(_ context.Context, n uint32) (string, error)    { return fmt.Sprint(n), fails(n) }
func (failing) Cannot(_ context.Context, n uint32) (string, error) { return fmt.Sprint(n), nil }
func (failing) Moved(_ context.Context, n uint32) error            { return fails(n) }

func (failing) Text(_ context.Context, n uint32) (uint32, error) {
	switch n {
	case 0:
		return 0, cm.Err[string]{Value: "x"}
	case 9:
		return 0, cm.Err[string]{Value: "long"}
	}
	return n, nil
}

func (failing) Reason(_ context.Context, n uint32) (uint32, error) {
	if n == 0 {
		return 0, cm.Err[cm.Option[string]]{Value: cm.Some("why")}
	}
	return n, nil
}

func (failing) Bare(_ context.Context, n uint32) (uint32, error) {
	if n == 0 {
		return 0, cm.Err[struct{}]{}
	}
	return n, nil
}

func (failing) Rank(_ context.Context, n uint32) error {
	switch n {
	case 0:
		return cm.Err[kinds.Level]{Value: kinds.LevelWarn}
	case 9:
		return cm.Err[kinds.Level]{Value: kinds.LevelTrace}
	}
	return nil
}

// held is a resource of the host's.
type held struct {
	host   *host
	level  kinds.Level
	n      uint32
	wrote  []string
	closed bool
}

func (h *host) hold(level kinds.Level, n uint32) *held {
	h.open.Add(1)
	return &held{host: h, level: level, n: n}
}

func (r *held) Close(context.Context) error {
	if r.closed {
		r.host.twice.Add(1)
	}
	r.closed = true
	r.host.open.Add(-1)
	return nil
}

func (r *held) Add(_ context.Context, n uint32) (uint32, error) {
	r.n += n
	return r.n, nil
}

func (r *held) Read(context.Context) (uint64, error) { return answer(r.host, r.host.got, uint64(r.n)) }

func (r *held) Flush(context.Context) error {
	r.wrote = append(r.wrote, "flushed")
	return nil
}

func (r *held) Write(_ context.Context, l kinds.Level, text string) (uint64, error) {
	r.wrote = append(r.wrote, l.String()+" "+text)
	return answer(r.host, r.host.got, uint64(len(r.wrote)))
}

// tallier is a host of what never changes.
type tallier struct {
	tally.UnimplementedTally
	host *host
}

func (t tallier) NewCounter(_ context.Context, start uint32) (tally.Counter, error) {
	return t.host.hold(0, start), nil
}

func (t tallier) CounterJoin(ctx context.Context, a, b tally.Counter) (tally.Counter, error) {
	joined := t.host.hold(0, a.(*held).n+b.(*held).n)
	return joined, a.Close(ctx)
}

func (tallier) Sum(_ context.Context, all kinds.Path) (sum kinds.Point, err error) {
	for _, p := range all {
		sum.X, sum.Y = sum.X+p.X, sum.Y+p.Y
	}
	return sum, nil
}

func (tallier) Turn(_ context.Context, s kinds.Sign, c kinds.Color) (kinds.Both, error) {
	if p, ok := s.(kinds.SignPlus); ok {
		return cm.T2(p.Value, c), nil
	}
	return kinds.Both{}, cm.Err[kinds.Color]{Value: c}
}

func (tallier) Grant(_ context.Context, r kinds.Rights) (kinds.Rights, error) {
	return r | kinds.RightsRead, nil
}

// logger has sinks.
type logger struct {
	log.UnimplementedLog
	host *host
}

func (l logger) NewSink(_ context.Context, least kinds.Level) (log.Sink, error) {
	return l.host.hold(least, 0), nil
}

func (l logger) Open(_ context.Context, least kinds.Level) (log.Sink, error) {
	if least == kinds.LevelError {
		return nil, cm.Err[string]{Value: "not " + least.String()}
	}
	return l.host.hold(least, 0), nil
}

func (l logger) SinkSplit(_ context.Context, s log.Sink) (cm.Tuple2[log.Sink, log.Sink], error) {
	other := l.host.hold(s.(*held).level, 1)
	return cm.T2(s, log.Sink(other)), nil
}

// Best returns the place of the sink with most in it, from 1.
func (l logger) Best(_ context.Context, of []log.Sink) (best uint32, err error) {
	most := -1
	for i, s := range of {
		if n := len(s.(*held).wrote); n > most {
			best, most = uint32(i+1), n
		}
	}
	return best, nil
}

// Keep hands over what was kept before.
func (l logger) Keep(_ context.Context, s cm.Option[log.Sink]) ([]log.Sink, error) {
	before := l.host.kept
	l.host.kept = nil
	if s, ok := s.Get(); ok {
		l.host.kept = []log.Sink{s}
	}
	return before, nil
}

func (l logger) Log(_ context.Context, level kinds.Level, message string, item cm.Option[kinds.Item]) (uint32, error) {
	l.host.logged = append(l.host.logged, fmt.Sprintf("%s %s %s", level, message, item.Or(kinds.Item{}).Name))
	return uint32(len(l.host.logged)), nil
}

type worker struct {
	work.UnimplementedWork
	host *host
}

// Wait is done when its context is, if it is called with 8.
func (w worker) Wait(ctx context.Context, n uint64) (uint64, error) {
	switch n {
	case 8:
		w.host.reply.(func())()
		<-ctx.Done()
		return 0, context.Cause(ctx)
	case 9:
		return 1 << 40, nil
	}
	return n + 1, nil
}

func (worker) Feed(context.Context, uint32) (*cm.Stream[byte], error) { return nil, nil }

type latest struct{ news.UnimplementedNews }

func (latest) Latest(context.Context) (string, error) { return "all is new", nil }

type clock struct {
	timer.UnimplementedTimer
	host *host
}

func (c clock) Now(_ context.Context, l kinds.Level) (uint64, error) {
	c.host.got = l
	return answer(c.host, l, uint64(11))
}

type functions struct {
	tracks.UnimplementedFunctions
	host *host
}

func (f functions) Clock(context.Context) (uint64, error) { return answer(f.host, nil, uint64(12)) }

func (f functions) Say(_ context.Context, r tracks.Report) (cm.Option[tracks.Report], error) {
	return answer(f.host, r, cm.Some(r))
}

func (f functions) NewGauge(_ context.Context, n uint32) (tracks.Gauge, error) {
	if n == 0 {
		return nil, errors.New("no gauge")
	}
	return f.host.hold(0, n), nil
}
