package clock

import (
	"context"
	"math"
	"time"

	"github.com/witgen/witgen/rt/wasi/p2/clocks/timezone"
	"github.com/witgen/witgen/rt/wasi/p2/clocks/wallclock"
)

// Wall is the time of day. See wasi:clocks/wall-clock.
type Wall struct{ Clock Clock }

var _ wallclock.WallClock = Wall{}

// Now returns the time of day. What is before 1970 is 1970.
func (w Wall) Now(context.Context) (wallclock.DateTime, error) {
	now := w.Clock.Now()
	if now.Unix() < 0 {
		return wallclock.DateTime{}, nil
	}
	return wallclock.DateTime{Seconds: uint64(now.Unix()), Nanoseconds: uint32(now.Nanosecond())}, nil
}

// Resolution returns a nanosecond.
func (Wall) Resolution(context.Context) (wallclock.DateTime, error) {
	return wallclock.DateTime{Nanoseconds: 1}, nil
}

// Timezone is a place's time. See wasi:clocks/timezone.
type Timezone struct{ Location *time.Location }

var _ timezone.Timezone = Timezone{}

// Display returns the offset from UTC, in seconds, and the name of the zone that
// holds at a time.
func (z Timezone) Display(_ context.Context, when wallclock.DateTime) (timezone.TimezoneDisplay, error) {
	t := z.at(when)
	name, offset := t.Zone()
	return timezone.TimezoneDisplay{UTCOffset: int32(offset), Name: name, InDaylightSavingTime: t.IsDST()}, nil
}

// UTCOffset returns the offset alone.
func (z Timezone) UTCOffset(_ context.Context, when wallclock.DateTime) (int32, error) {
	_, offset := z.at(when).Zone()
	return int32(offset), nil
}

// lastSecond is in the year 292,277,022, which is as far as time.Time goes.
const lastSecond = math.MaxInt64 / 1000

// at returns a time of day in the zone.
func (z Timezone) at(when wallclock.DateTime) time.Time {
	return time.Unix(int64(min(when.Seconds, lastSecond)), 0).In(z.Location)
}
