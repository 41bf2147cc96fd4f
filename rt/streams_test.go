package rt_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/witgen/witgen/golden/streams/feeds"
	"github.com/witgen/witgen/golden/streams/rooms"
	"github.com/witgen/witgen/golden/streams/silent"
	"github.com/witgen/witgen/golden/streams/streams"
	"github.com/witgen/witgen/golden/streams/work"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// streamsWorld is the world of golden/streams.
func streamsWorld(t *testing.T) (string, *wit.World) {
	t.Helper()
	source, err := os.ReadFile("../golden/streams/wit/streams.wit")
	if err != nil {
		t.Fatal(err)
	}
	w, err := loadWorld(string(source))
	if err != nil {
		t.Fatal(err)
	}
	return string(source), w
}

// streamsGuest is a guest of the world of golden/streams, which lifts and lowers
// its async functions as such or synchronously. Its ping calls what the world
// imports: the function whose number it is given, with zeros for arguments.
// Functions that can be called pass calls on.
func streamsGuest(t *testing.T, async bool) (g *guest, imports []string) {
	t.Helper()
	source, w := streamsWorld(t)
	g = &guest{world: source}
	if async {
		g.callback = &body{code: []any{trap}}
	}
	var code []any
	number := func(iface string, f *wit.Func) {
		code = append(code, get(0), i32(len(imports)), eq, when)
		s := layout.Lower(f, layout.Options{Async: async && f.Async})
		for _, p := range s.Params {
			code = append(code, zeroOf(p))
		}
		code = append(code, call(qualified(iface, f)))
		for range s.Results {
			code = append(code, drop)
		}
		code = append(code, end)
		imports = append(imports, qualified(iface, f))
	}
	for _, im := range w.Imports {
		if im.Func != nil {
			number("", im.Func)
			continue
		}
		if im.Interface != nil {
			for _, f := range im.Interface.Funcs {
				number(im.Name(), f)
			}
		}
	}
	const (
		feedsName = "golden:streams/feeds@0.1.0#"
	)
	g.data = "room"
	g.funcs = map[string]body{
		"ping":                          {code: append(code, get(0), i32(1), add)},
		feedsName + "count":             does(passOn(feedsName + "count")),
		feedsName + "faucet":            does(i32(1), call("new tap")),
		feedsName + "[method]tap.level": does(get(0)),
		workName + "double":             does(passOn(workName + "double")),
		roomsName + "[constructor]room": does(i32(7), call("new room")),
		roomsName + "[method]room.name": does(i32(64), i32(dataBase), store(0), i32(64), i32(4), store(4), i32(64)),
	}
	return g, imports
}

// zeroOf is an instruction that makes a zero.
func zeroOf(t layout.CoreType) string {
	return map[layout.CoreType]string{
		layout.I32: i32(0), layout.I64: i64(0), layout.F32: "\x43\x00\x00\x00\x00", layout.F64: "\x44\x00\x00\x00\x00\x00\x00\x00\x00",
	}[t]
}

// streamsHost counts names, and doubles numbers.
type streamsHost struct {
	feeds.UnimplementedFeeds
	work.UnimplementedWork
}

func (streamsHost) Count(_ context.Context, names []string) (uint32, error) {
	return uint32(len(names)), nil
}

func (streamsHost) Double(_ context.Context, n uint32) (uint32, error) { return 2 * n, nil }

// startStreams starts an instance of a guest of the world of golden/streams.
func startStreams(t *testing.T, c *rt.Component) *streams.Streams {
	t.Helper()
	p, err := streams.Instantiate(t.Context(), c, streams.Imports{
		Work: streamsHost{}, Rooms: rooms.UnimplementedRooms{}, Feeds: streamsHost{}, Silent: silent.UnimplementedSilent{},
		Functions: streams.UnimplementedFunctions{},
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

// TestStreamsExports calls all that a guest exports and that has a stream, a
// future or an error context in its type: each function says so by its name,
// and the instance is as it was. What has nothing to do with them works.
func TestStreamsExports(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	for _, async := range []bool{false, true} {
		g, _ := streamsGuest(t, async)
		t.Run(fmt.Sprint("async ", async), func(t *testing.T) { callStreams(t, startStreams(t, g.compile(t, e))) })
	}
}

func callStreams(t *testing.T, p *streams.Streams) {
	ctx := t.Context()
	tap, err := p.Feeds.Faucet(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tap.Close(ctx)
	const feedsName, silentName = "golden:streams/feeds@0.1.0#", "golden:streams/silent@0.1.0#"
	for _, tt := range []struct {
		name, needs string
		call        func() error
	}{
		{feedsName + "[constructor]tap", "streams", func() error { _, err := p.Feeds.NewTap(ctx, nil); return err }},
		{feedsName + "[method]tap.drain", "streams", func() error { _, err := tap.Drain(ctx); return err }},
		{feedsName + "[method]tap.swap", "futures", func() error { _, err := tap.Swap(ctx, nil); return err }},
		{feedsName + "[static]tap.open", "streams", func() error { _, err := p.Feeds.TapOpen(ctx, new(cm.Stream[string])); return err }},
		{feedsName + "[static]tap.parts", "streams", func() error { _, err := p.Feeds.TapParts(ctx); return err }},
		{feedsName + "send", "streams and futures", func() error { _, err := p.Feeds.Send(ctx, feeds.Parcel{}); return err }},
		{feedsName + "receive", "streams and futures", func() error { _, err := p.Feeds.Receive(ctx); return err }},
		{feedsName + "events", "streams, futures and error contexts", func() error { _, err := p.Feeds.Events(ctx); return err }},
		{feedsName + "watch", "streams, futures and error contexts", func() error { _, err := p.Feeds.Watch(ctx, cm.None[feeds.Event]()); return err }},
		{feedsName + "nested", "streams and futures", func() error { _, err := p.Feeds.Nested(ctx, nil); return err }},
		{feedsName + "pair", "streams and futures", func() error {
			_, err := p.Feeds.Pair(ctx, cm.Tuple2[*cm.Stream[uint32], *cm.Future[struct{}]]{}, [2]*cm.Future[string]{})
			return err
		}},
		{feedsName + "explain", "error contexts", func() error { _, err := p.Feeds.Explain(ctx, nil); return err }},
		{feedsName + "later", "futures", func() error { return p.Feeds.Later(ctx, nil) }},
		{silentName + "pour", "streams", func() error { _, err := p.Silent.Pour(ctx); return err }},
		{silentName + "finish", "futures", func() error { return p.Silent.Finish(ctx, nil) }},
		{"golden:streams/streams@0.1.0#pack", "streams and futures", func() error { _, err := p.Pack(ctx, feeds.Parcel{}); return err }},
	} {
		err := tt.call()
		if want := tt.name + ": " + tt.needs + " are not supported"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		if _, trapped := asTrap(err); trapped || !errors.Is(err, rt.ErrNotSupported) || !errors.Is(err, cm.ErrNotSupported) {
			t.Errorf("%s: %v is no ErrNotSupported, or a trap", tt.name, err)
		}
	}
	if n, err := p.Feeds.Count(ctx, []string{"a", "b"}); n != 2 || err != nil {
		t.Errorf("count = %d, %v, want 2", n, err)
	}
	if l, err := tap.Level(ctx); l != feeds.LevelHigh || err != nil {
		t.Errorf("level = %v, %v, want %v", l, err, feeds.LevelHigh)
	}
	if n, err := p.Ping(ctx, 41); n != 42 || err != nil {
		t.Errorf("ping = %d, %v, want 42", n, err)
	}
}

// TestStreamsImports has a guest call all that it imports and that has a
// stream, a future or an error context in its type: each call traps, and says
// the function's name and what it needs.
func TestStreamsImports(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	for _, async := range []bool{false, true} {
		g, imports := streamsGuest(t, async)
		t.Run(fmt.Sprint("async ", async), func(t *testing.T) { callFromStreams(t, g.compile(t, e), imports) })
	}
}

func callFromStreams(t *testing.T, c *rt.Component, imports []string) {
	const feedsName, silentName = "golden:streams/feeds@0.1.0#", "golden:streams/silent@0.1.0#"
	needs := map[string]string{
		feedsName + "[constructor]tap":  "streams",
		feedsName + "[method]tap.drain": "streams",
		feedsName + "[method]tap.swap":  "futures",
		feedsName + "[static]tap.open":  "streams",
		feedsName + "[static]tap.parts": "streams",
		feedsName + "send":              "streams and futures",
		feedsName + "receive":           "streams and futures",
		feedsName + "events":            "streams, futures and error contexts",
		feedsName + "watch":             "streams, futures and error contexts",
		feedsName + "nested":            "streams and futures",
		feedsName + "pair":              "streams and futures",
		feedsName + "explain":           "error contexts",
		feedsName + "later":             "futures",
		silentName + "pour":             "streams",
		silentName + "finish":           "futures",
		"log":                           "streams",
	}
	for i, name := range imports {
		want, ok := needs[name]
		if !ok {
			continue
		}
		delete(needs, name)
		p := startStreams(t, c)
		if n, err := p.Ping(t.Context(), 1000); n != 1001 || err != nil {
			t.Fatalf("ping = %d, %v, want 1001", n, err)
		}
		_, err := p.Ping(t.Context(), uint32(i))
		wantTrap(t, nil, err, rt.TrapHost, "trap in ping: ", name+": "+want+" are not supported")
		if !errors.Is(err, rt.ErrNotSupported) {
			t.Errorf("%s: %v is no ErrNotSupported", name, err)
		}
		if _, err := p.Ping(t.Context(), 1000); err == nil {
			t.Errorf("%s: the instance lives on", name)
		}
	}
	for name := range needs {
		t.Errorf("the guest does not import %s", name)
	}
}

// TestStreamsMisfit links a component whose stream carries something else.
func TestStreamsMisfit(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	g, _ := streamsGuest(t, false)
	g.world = strings.NewReplacer(
		"pour: func() -> stream<u8>", "pour: func() -> stream<s8>",
		"pong: async func", "pong: func",
	).Replace(g.world)
	_, err = streams.Prepare(g.compile(t, e))
	link, ok := errors.AsType[*rt.LinkError](err)
	if !ok {
		t.Fatalf("got %v, want a link error", err)
	}
	for _, want := range []string{
		`"golden:streams/silent@0.1.0": function "pour": host has func() -> stream<u8>, component wants func() -> stream<s8>`,
		`export "golden:streams/silent@0.1.0": function "pour": component has func() -> stream<s8>, host wants func() -> stream<u8>`,
		`function "pong": component has func(n: u32) -> u32, host wants async func(n: u32) -> u32`,
	} {
		if !strings.Contains(link.Error(), want) {
			t.Errorf("%q lacks %q", link, want)
		}
	}
}
