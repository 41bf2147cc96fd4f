package tracks

import (
	"context"
	"errors"
	"testing"

	v01log "github.com/witgen/witgen/golden/tracks/v0_1/log"
	"github.com/witgen/witgen/golden/tracks/v0_3/log"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// foreign is a resource that no conversion knows.
type foreign struct {
	v01log.UnimplementedSink
	closed int
}

func (s *foreign) Close(context.Context) error {
	s.closed++
	return nil
}

// sinks keeps what it is given.
type sinks struct {
	log.UnimplementedLog
	kept cm.Option[log.Sink]
}

func (s *sinks) Keep(_ context.Context, given cm.Option[log.Sink]) ([]log.Sink, error) {
	s.kept = given
	return nil, nil
}

// TestDiscard gives away resources with calls that cannot be converted: they are
// closed once, and those of other calls are not.
func TestDiscard(t *testing.T) {
	ctx := context.Background()
	host := &sinks{}
	x := logForV01{host}

	lost := &foreign{}
	if _, err := x.Keep(ctx, cm.Some[v01log.Sink](lost)); !errors.Is(err, rt.ErrLossy) || lost.closed != 1 || host.kept.IsSome() {
		t.Errorf("%v, closed %d times, the host has %v", err, lost.closed, host.kept)
	}
	split := &foreign{}
	if _, err := x.SinkSplit(ctx, split); !errors.Is(err, rt.ErrLossy) || split.closed != 1 {
		t.Errorf("%v, closed %d times", err, split.closed)
	}
	lent := &foreign{}
	if _, err := x.Best(ctx, []v01log.Sink{lent}); !errors.Is(err, rt.ErrLossy) || lent.closed != 0 {
		t.Errorf("%v, what was lent is closed %d times", err, lent.closed)
	}
	own := log.Sink(log.UnimplementedSink{})
	if _, err := x.Keep(ctx, cm.Some[v01log.Sink](logSinkForV01{own})); err != nil || host.kept != cm.Some(own) {
		t.Errorf("%v, the host has %v, want what it made", err, host.kept)
	}
	if _, err := x.Keep(ctx, cm.Some[v01log.Sink](nil)); !errors.Is(err, rt.ErrLossy) {
		t.Errorf("nil: %v", err)
	}
}
