package rt_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/rt"
)

// told notes what it is told of, of all functions of an instance.
type told struct {
	notes []string
	ends  func() // what Ended does beside
}

type toldKey struct{}

// of returns who is told of a function's calls.
func (o *told) of(function string) rt.HostCalls { return toldOf{o, function} }

type toldOf struct {
	*told
	function string
}

func (o toldOf) Begins(ctx context.Context) context.Context {
	o.notes = append(o.notes, "begins "+o.function)
	return context.WithValue(ctx, toldKey{}, "of "+o.function)
}

func (o toldOf) Ended(ctx context.Context, err error) {
	text := "well"
	if err != nil {
		text = err.Error()
	}
	o.notes = append(o.notes, fmt.Sprintf("ended %s %v: %s", o.function, ctx.Value(toldKey{}), text))
	if o.ends != nil {
		o.ends()
	}
}

// TestAround is told of each call of a host function, with its context before and
// its error after.
func TestAround(t *testing.T) {
	both(t, func(t *testing.T, e *rt.Engine) {
		c := pinger("").compile(t, e)
		for _, tt := range []struct {
			name   string
			ping   func(ctx context.Context) error
			limits rt.Limits
			calls  int64 // that a quota allows; 0 means any number
			f      string
			want   []string
			kind   rt.TrapKind // 0 for a call that ends well
		}{
			{
				name: "well", f: "pings", ping: func(context.Context) error { return nil },
				want: []string{"begins ping", "ended ping of ping: well", "begins ping", "ended ping of ping: well"},
			},
			{
				name: "error", f: "pings", ping: func(context.Context) error { return errors.New("broken") },
				want: []string{"begins ping", "ended ping of ping: broken"}, kind: rt.TrapHost,
			},
			{
				name: "panic", f: "pings", ping: func(context.Context) error { panic("mine") },
				want: []string{"begins ping", "ended ping of ping: the host function did not return"}, kind: rt.TrapHostPanic,
			},
			{
				name: "quota", f: "pings", calls: 1, ping: func(context.Context) error { return nil },
				want: []string{"begins ping", "ended ping of ping: well", "begins ping", "ended ping of ping: no calls of it are left (InstanceConfig.Quotas)"}, kind: rt.TrapLimit,
			},
			{
				name: "no call", f: "pings", limits: rt.Limits{HostCalls: 1}, ping: func(context.Context) error { return nil },
				want: []string{"begins ping", "ended ping of ping: well"}, kind: rt.TrapLimit,
			},
			{
				name: "arguments", f: "hands", limits: rt.Limits{Lift: 1},
				want: []string{"begins hand", "ended hand of hand: lifted more than 1 bytes from the guest at once (Limits.Lift)"}, kind: rt.TrapLimit,
			},
		} {
			o := &told{}
			saw := 0
			host := rt.HostInstance{Funcs: map[string]rt.HostFunc{
				"ping": {Call: func(ctx context.Context, _ []rt.Value) (rt.Value, error) {
					if saw++; ctx.Value(toldKey{}) != "of ping" {
						t.Errorf("%s: the function has another context", tt.name)
					}
					return nil, tt.ping(ctx)
				}},
				"hand": pingHost.Funcs["hand"],
			}}
			config := rt.InstanceConfig{Limits: tt.limits, Host: []rt.HostInstance{host}, Around: o.of}
			if tt.calls > 0 {
				left := &rt.Quota{Calls: tt.calls, Bytes: 1 << 20}
				config.Quotas = func(context.Context, string) []*rt.Quota { return []*rt.Quota{left} }
			}
			in, err := c.Instantiate(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			_, err = invoke(t, in, tt.f, uint32(2))
			trap, _ := errors.AsType[*rt.Trap](err)
			if tt.kind == 0 && err != nil || tt.kind != 0 && (trap == nil || trap.Kind != tt.kind) {
				t.Errorf("%s: got %v", tt.name, err)
			}
			if !slices.Equal(o.notes, tt.want) {
				t.Errorf("%s: told\n%s\nwant\n%s", tt.name, strings.Join(o.notes, "\n"), strings.Join(tt.want, "\n"))
			}
			closeInstance(t, in)
		}
	})
}

// TestAroundGoexit is told of a host function that ends its goroutine, and does
// harm itself.
func TestAroundGoexit(t *testing.T) {
	both(t, func(t *testing.T, e *rt.Engine) {
		c := pinger("").compile(t, e)
		exits := hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){
			"ping": func([]rt.Value) (rt.Value, error) { runtime.Goexit(); return nil, nil },
			"hand": func([]rt.Value) (rt.Value, error) { return nil, nil },
		})
		o := &told{}
		in, err := c.Instantiate(t.Context(), rt.InstanceConfig{Host: []rt.HostInstance{exits}, Around: o.of})
		if err != nil {
			t.Fatal(err)
		}
		defer closeInstance(t, in)
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = invoke(t, in, "pings", uint32(1))
		}()
		<-done
		if want := []string{"begins ping", "ended ping of ping: the host function did not return"}; !slices.Equal(o.notes, want) {
			t.Errorf("told %q", o.notes)
		}

		harm := &told{ends: func() { panic("harm") }}
		in, err = c.Instantiate(t.Context(), rt.InstanceConfig{Host: []rt.HostInstance{pingHost}, Around: harm.of})
		if err != nil {
			t.Fatal(err)
		}
		defer closeInstance(t, in)
		_, err = invoke(t, in, "pings", uint32(1))
		if trap, ok := errors.AsType[*rt.Trap](err); !ok || trap.Kind != rt.TrapHostPanic || len(harm.notes) != 2 {
			t.Errorf("got %v, told %q", err, harm.notes)
		}
	})
}

// TestAroundStubs is not told of what the host does not have, nor of what it does
// not want to be told of, in a start function too.
func TestAroundStubs(t *testing.T) {
	both(t, func(t *testing.T, e *rt.Engine) {
		o := &told{}
		start := func(host rt.HostInstance, of func(function string) rt.HostCalls) {
			in, err := pinger(exportName("boot")).compile(t, e).Instantiate(t.Context(), rt.InstanceConfig{Host: []rt.HostInstance{host}, Stubs: true, Around: of})
			if err == nil {
				closeInstance(t, in)
			} else if !errors.Is(err, rt.ErrStub) {
				t.Fatal(err)
			}
		}
		start(rt.HostInstance{}, o.of)
		start(pingHost, func(string) rt.HostCalls { return nil })
		if len(o.notes) != 0 {
			t.Errorf("told %q", o.notes)
		}
		start(pingHost, o.of)
		if len(o.notes) != 4 {
			t.Errorf("told %q", o.notes)
		}
	})
}

// TestHostNames has a component import an interface under names of its own: quotas
// and who is told know the host's.
func TestHostNames(t *testing.T) {
	both(t, func(t *testing.T, e *rt.Engine) {
		const iface = "golden:named/store@0.1.0"
		store := hostFuncs(iface, map[string]func([]rt.Value) (rt.Value, error){
			"get":                 func(args []rt.Value) (rt.Value, error) { return args[0], nil },
			"open":                func([]rt.Value) (rt.Value, error) { return nil, errors.New("no entries") },
			"add":                 func([]rt.Value) (rt.Value, error) { return nil, nil },
			"[method]entry.value": func([]rt.Value) (rt.Value, error) { return uint32(0), nil },
		})
		store.Resources = map[string]*rt.ResourceType{"entry": rt.NewResourceType("entry", nil)}
		o := &told{}
		var asked []string
		left := &rt.Quota{Calls: 2, Bytes: 1 << 20, Setting: "host_calls: ..."}
		in, err := namedGuest(t).compile(t, e).Instantiate(t.Context(), rt.InstanceConfig{
			Host: []rt.HostInstance{store}, Around: o.of,
			Quotas: func(_ context.Context, function string) []*rt.Quota {
				asked = append(asked, function)
				return []*rt.Quota{left}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer closeInstance(t, in)
		for i, finder := range []string{"left", "right", "golden:named/finder@0.1.0"} {
			_, err := invoke(t, in, finder+"#find", uint32(1))
			if i < 2 && err != nil || i == 2 && (!errors.Is(err, rt.ErrLimit) || !says(err, "get: no calls of it are left (host_calls: ...)")) {
				t.Errorf("%s: %v", finder, err)
			}
		}
		const f = iface + "#get"
		if !slices.Equal(asked, []string{f, f, f}) || len(o.notes) != 6 || o.notes[0] != "begins "+f || o.notes[2] != "begins "+f {
			t.Errorf("asked %q, told %q", asked, o.notes)
		}
	})
}

// counted counts calls.
type counted struct{ begun, ended int }

func (c *counted) Begins(ctx context.Context) context.Context { c.begun++; return ctx }
func (c *counted) Ended(context.Context, error)               { c.ended++ }

// BenchmarkAround is what a call of a host function costs without and with somebody
// who is told, by turns, so that both have the same machine.
func BenchmarkAround(b *testing.B) {
	e, err := rt.NewEngine(b.Context(), rt.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close(context.Background())
	c := pinger("").compile(b, e)
	calls := &counted{}
	var ways []*rt.Func
	for _, of := range []func(string) rt.HostCalls{nil, func(string) rt.HostCalls { return calls }} {
		in, err := c.Instantiate(b.Context(), rt.InstanceConfig{Host: []rt.HostInstance{pingHost}, Around: of})
		if err != nil {
			b.Fatal(err)
		}
		fn, err := in.Func("", "pings")
		if err != nil {
			b.Fatal(err)
		}
		ways = append(ways, fn)
	}
	const turn = 1000
	took := make([][]time.Duration, len(ways))
	for b.Loop() {
		for i, fn := range ways {
			begin := time.Now()
			if _, err := fn.Call(b.Context(), uint32(turn)); err != nil {
				b.Fatal(err)
			}
			took[i] = append(took[i], time.Since(begin))
		}
	}
	if calls.begun != calls.ended || calls.begun < turn {
		b.Errorf("told of %+v", calls)
	}
	b.ReportMetric(0, "ns/op")
	for i, name := range []string{"ns/untold", "ns/told"} {
		slices.Sort(took[i])
		b.ReportMetric(float64(took[i][len(took[i])/2])/turn, name)
	}
}
