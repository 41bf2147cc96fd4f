package tracks_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/witgen/witgen/golden/tracks/v0_3/kinds"
	"github.com/witgen/witgen/golden/tracks/v0_3/tracks"
	"github.com/witgen/witgen/rt/cm"
)

// with returns the call of a function of values.
func with[T, R any](f func(*tracks.Tracks) func(context.Context, T) (R, error), v T) func(context.Context, *tracks.Tracks) (any, error) {
	return func(ctx context.Context, p *tracks.Tracks) (any, error) { return f(p)(ctx, v) }
}

// after has the guest answer with something that only its version has.
func after(what string, do func(context.Context, *tracks.Tracks) (any, error)) func(context.Context, *tracks.Tracks) (any, error) {
	return func(ctx context.Context, p *tracks.Tracks) (any, error) {
		if _, err := p.Script(ctx, what); err != nil {
			return nil, err
		}
		return do(ctx, p)
	}
}

func number(v int64) func(context.Context, *tracks.Tracks) (any, error) {
	return with(func(p *tracks.Tracks) func(context.Context, int64) (uint16, error) { return p.Values.Number }, v)
}

func float(v float64) func(context.Context, *tracks.Tracks) (any, error) {
	return with(func(p *tracks.Tracks) func(context.Context, float64) (float64, error) { return p.Values.Float }, v)
}

func glyph(v string) func(context.Context, *tracks.Tracks) (any, error) {
	return with(func(p *tracks.Tracks) func(context.Context, string) (uint32, error) { return p.Values.Glyph }, v)
}

func scale(v cm.Option[uint32]) func(context.Context, *tracks.Tracks) (any, error) {
	return with(func(p *tracks.Tracks) func(context.Context, cm.Option[uint32]) (cm.Option[uint32], error) {
		return p.Values.Scale
	}, v)
}

func numbers(v ...uint64) func(context.Context, *tracks.Tracks) (any, error) {
	return with(func(p *tracks.Tracks) func(context.Context, []uint64) ([]uint64, error) { return p.Values.Numbers }, v)
}

func table(v map[string]uint64) func(context.Context, *tracks.Tracks) (any, error) {
	return with(func(p *tracks.Tracks) func(context.Context, map[string]uint64) (map[string]uint64, error) {
		return p.Values.Table
	}, v)
}

func grid(v [3]uint64) func(context.Context, *tracks.Tracks) (any, error) {
	return with(func(p *tracks.Tracks) func(context.Context, [3]uint64) ([3]uint64, error) { return p.Values.Grid }, v)
}

type pairs = cm.Tuple2[uint64, kinds.Item]

func pair(v pairs) func(context.Context, *tracks.Tracks) (any, error) {
	return with(func(p *tracks.Tracks) func(context.Context, pairs) (pairs, error) { return p.Values.Pair }, v)
}

type verdicts = cm.Result[uint64, kinds.Level]

func verdict(v verdicts) func(context.Context, *tracks.Tracks) (any, error) {
	return with(func(p *tracks.Tracks) func(context.Context, verdicts) (cm.Option[verdicts], error) {
		return p.Values.Verdict
	}, v)
}

func levels(v ...kinds.Level) func(context.Context, *tracks.Tracks) (any, error) {
	return with(func(p *tracks.Tracks) func(context.Context, []kinds.Level) ([]kinds.Level, error) {
		return p.Values.Levels
	}, v)
}

func modes(v kinds.Mode) func(context.Context, *tracks.Tracks) (any, error) {
	return with(func(p *tracks.Tracks) func(context.Context, kinds.Mode) (kinds.Mode, error) { return p.Values.Modes }, v)
}

func shapes(v kinds.Shape) func(context.Context, *tracks.Tracks) (any, error) {
	return with(func(p *tracks.Tracks) func(context.Context, kinds.Shape) (kinds.Shape, error) { return p.Values.Shapes }, v)
}

func choose(v kinds.Options) func(context.Context, *tracks.Tracks) (any, error) {
	return with(func(p *tracks.Tracks) func(context.Context, kinds.Options) (kinds.Options, error) {
		return p.Values.Choose
	}, v)
}

func items(v cm.Option[kinds.Item]) func(context.Context, *tracks.Tracks) (any, error) {
	return with(func(p *tracks.Tracks) func(context.Context, cm.Option[kinds.Item]) (cm.Option[kinds.Item], error) {
		return p.Values.Items
	}, v)
}

func enter(v kinds.Entry) func(context.Context, *tracks.Tracks) (any, error) {
	return with(func(p *tracks.Tracks) func(context.Context, kinds.Entry) (kinds.Entry, error) { return p.Values.Enter }, v)
}

func told(n uint32) func(context.Context, *tracks.Tracks) (any, error) {
	return with(func(p *tracks.Tracks) func(context.Context, uint32) ([]string, error) { return p.Values.Told }, n)
}

func paint(v kinds.Color) func(context.Context, *tracks.Tracks) (any, error) {
	return with(func(p *tracks.Tracks) func(context.Context, kinds.Color) (kinds.Color, error) { return p.Values.Paint }, v)
}

func giveParams(o kinds.Options) func(context.Context, *tracks.Tracks) (any, error) {
	return func(ctx context.Context, p *tracks.Tracks) (any, error) { return p.Values.Params(ctx, "n", o) }
}

func renamed(ctx context.Context, p *tracks.Tracks) (any, error) {
	return p.Values.Renamed(ctx, 1, "x")
}

func swapped(ctx context.Context, p *tracks.Tracks) (any, error) {
	return p.Values.Swapped(ctx, 1, 2)
}

func asked(ctx context.Context, p *tracks.Tracks) (any, error) { return nil, p.Values.Asked(ctx, 3) }

func script(what string) func(context.Context, *tracks.Tracks) (any, error) {
	return func(ctx context.Context, p *tracks.Tracks) (any, error) { return p.Script(ctx, what) }
}

// What the calls are about.
var (
	plain = kinds.Item{Name: "i", Size: 7, At: kinds.Point{X: 1, Y: -2}}
	noted = kinds.Item{Name: "i", Size: 7, At: kinds.Point{X: 1, Y: -2}, Note: cm.Some("n")}
	huge  = kinds.Item{Name: "i", Size: 1 << 40}
	some  = kinds.Options{Deadline: cm.Some[uint64](5)}
	tags  = kinds.Options{Deadline: cm.Some[uint64](5), Tags: []string{"t"}}
	full  = kinds.Options{Deadline: cm.Some[uint64](5), Tags: []string{"t"}, Mode: kinds.ModeAppend}
	path  = kinds.ShapeLine{Value: kinds.Path{{X: 1, Y: 2}}}
)

// What the guests see of them.
const (
	plainV01 = `Item { name: "i", size: 7, at: Point { x: 1, y: -2 } }`
	plainV02 = `Item { at: Point { x: 1, y: -2 }, name: "i", size: 7, labels: [] }`
	plainV03 = `Item { name: "i", size: 7, at: Point { x: 1, y: -2 }, note: None }`
	notedV03 = `Item { name: "i", size: 7, at: Point { x: 1, y: -2 }, note: Some("n") }`
)

// label returns a case of an enum that some function fails with, as guests see it.
func label(enum string, code int, name string) string {
	return fmt.Sprintf(`%s { code: %d, name: %q, message: "" }`, enum, code, name)
}

func twice(s string) []string { return []string{s, s} }

// TestValues has values go from the host to a guest and back to the host, and what
// that answers go the same way back: each is observed on all four.
func TestValues(t *testing.T) {
	for _, c := range []call{
		{name: "an integer", version: "0.1", do: number(-5), got: int64(-5), seen: []string{"-5", "65531"}, want: uint16(65531)},
		{name: "an integer out of range", version: "0.1", do: number(1 << 31), lossy: "0.1.3"},
		{name: "a negative integer out of range", version: "0.1", do: number(-1<<31 - 1), lossy: "0.1.3"},
		{name: "an integer", version: "0.3", do: number(1 << 40), got: int64(1 << 40), seen: []string{"1099511627776", "0"}, want: uint16(0)},

		{name: "a float", version: "0.1", do: float(0.5), got: 0.5, seen: twice("0.5"), want: 0.5},
		{name: "a float that is none", version: "0.1", do: float(0.1), lossy: "0.1.3"},
		{name: "a float", version: "0.2", do: float(0.1), got: 0.1, seen: twice("0.1"), want: 0.1},

		{name: "a character", version: "0.1", do: glyph("é"), got: "é", seen: twice("'é'"), want: uint32('é')},
		{name: "more characters", version: "0.1", do: glyph("éa"), lossy: "0.1.3"},
		{name: "a number that is no character", version: "0.1", do: glyph("é"), reply: uint32(0xd800), lossy: "0.1.3", trap: true},
		{name: "more characters", version: "0.2", do: glyph("éa"), got: "éa", seen: []string{`"éa"`, "233"}, want: uint32('é')},

		{name: "something", version: "0.1", do: scale(cm.Some[uint32](7)), got: cm.Some[uint32](7), seen: twice("7"), want: cm.Some[uint32](7)},
		{name: "nothing", version: "0.1", do: scale(cm.None[uint32]()), lossy: "0.1.3"},
		{name: "nothing in answer", version: "0.1", do: scale(cm.Some[uint32](7)), reply: cm.None[uint32](), lossy: "0.1.3", trap: true},
		{name: "something", version: "0.2", do: scale(cm.Some[uint32](7)), got: cm.Some[uint32](7), seen: twice("Some(7)"), want: cm.Some[uint32](7)},
		{name: "nothing", version: "0.2", do: scale(cm.None[uint32]()), got: cm.None[uint32](), seen: twice("None"), want: cm.None[uint32]()},
		{name: "too much", version: "0.2", do: scale(cm.Some[uint32](1 << 16)), lossy: "0.2.1"},
		{name: "much", version: "0.3", do: scale(cm.Some[uint32](1 << 16)), got: cm.Some[uint32](1 << 16), seen: twice("Some(65536)"), want: cm.Some[uint32](1 << 16)},

		{name: "a list", version: "0.1", do: numbers(1, 1<<32-1), got: []uint64{1, 1<<32 - 1}, seen: twice("[1, 4294967295]"), want: []uint64{1, 1<<32 - 1}},
		{name: "a list with one too large", version: "0.1", do: numbers(1, 1<<32), lossy: "0.1.3"},
		{name: "a list with one too large in answer", version: "0.1", do: numbers(1), reply: []uint64{1 << 32}, lossy: "0.1.3", trap: true},
		{name: "a list", version: "0.2", do: numbers(1, 255), got: []uint64{1, 255}, seen: twice("[1, 255]"), want: []uint64{1, 255}},
		{name: "a list with one too large", version: "0.2", do: numbers(256), lossy: "0.2.1"},
		{name: "a list", version: "0.3", do: numbers(1 << 40), got: []uint64{1 << 40}, seen: twice("[1099511627776]"), want: []uint64{1 << 40}},

		{name: "a map", version: "0.1", do: table(map[string]uint64{"a": 1, "b": 2}), got: map[string]uint64{"a": 1, "b": 2}, seen: twice(`{"a": 1, "b": 2}`), want: map[string]uint64{"a": 1, "b": 2}},
		{name: "a map with one too large", version: "0.1", do: table(map[string]uint64{"a": 1 << 32}), lossy: "0.1.3"},
		{name: "a map", version: "0.2", do: table(map[string]uint64{"a": 1 << 40}), got: map[string]uint64{"a": 1 << 40}, seen: twice(`{"a": 1099511627776}`), want: map[string]uint64{"a": 1 << 40}},

		{name: "an array", version: "0.1", do: grid([3]uint64{1, 2, 3}), got: [3]uint64{1, 2, 3}, seen: twice("[1, 2, 3]"), want: [3]uint64{1, 2, 3}},
		{name: "an array with one too large", version: "0.1", do: grid([3]uint64{1, 2, 1 << 32}), lossy: "0.1.3"},
		{name: "an array", version: "0.2", do: grid([3]uint64{1, 2, 1 << 32}), got: [3]uint64{1, 2, 1 << 32}, seen: twice("[1, 2, 4294967296]"), want: [3]uint64{1, 2, 1 << 32}},

		{name: "a tuple", version: "0.1", do: pair(cm.T2(uint64(5), plain)), got: cm.T2(uint64(5), plain), seen: twice("(5, " + plainV01 + ")"), want: cm.T2(uint64(5), plain)},
		{name: "a tuple with more", version: "0.1", do: pair(cm.T2(uint64(5), noted)), lossy: "0.1.3"},
		{name: "a tuple with more in answer", version: "0.1", do: pair(cm.T2(uint64(5), plain)), reply: cm.T2(uint64(6), noted), got: cm.T2(uint64(5), plain), seen: []string{"(5, " + plainV01 + ")", "(6, " + plainV01 + ")"}, want: cm.T2(uint64(6), plain)},
		{name: "a tuple", version: "0.2", do: pair(cm.T2(uint64(5), plain)), got: cm.T2(uint64(5), plain), seen: twice("(5, " + plainV02 + ")"), want: cm.T2(uint64(5), plain)},
		{name: "a tuple", version: "0.3", do: pair(cm.T2(uint64(5), noted)), got: cm.T2(uint64(5), noted), seen: twice("(5, " + notedV03 + ")"), want: cm.T2(uint64(5), noted)},

		{name: "a result that is fine", version: "0.1", do: verdict(cm.OK[uint64, kinds.Level](5)), got: cm.OK[uint64, kinds.Level](5), seen: []string{"Ok(5)", "Some(Ok(5))"}, want: cm.Some(cm.OK[uint64, kinds.Level](5))},
		{name: "a result that is not", version: "0.1", do: verdict(cm.Fail[uint64](kinds.LevelWarn)), got: cm.Fail[uint64](kinds.LevelWarn), seen: []string{"Err(" + label("Level", 1, "warn") + ")", "Some(Err(" + label("Level", 1, "warn") + "))"}, want: cm.Some(cm.Fail[uint64](kinds.LevelWarn))},
		{name: "no result", version: "0.1", do: verdict(cm.OK[uint64, kinds.Level](5)), reply: cm.None[verdicts](), got: cm.OK[uint64, kinds.Level](5), seen: []string{"Ok(5)", "None"}, want: cm.None[verdicts]()},
		{name: "a result of too much", version: "0.1", do: verdict(cm.OK[uint64, kinds.Level](1 << 32)), lossy: "0.1.3"},
		{name: "a result of a new kind", version: "0.1", do: verdict(cm.Fail[uint64](kinds.LevelTrace)), lossy: "0.1.3"},
		{name: "a result of a new kind", version: "0.2", do: verdict(cm.Fail[uint64](kinds.LevelTrace)), got: cm.Fail[uint64](kinds.LevelTrace), seen: []string{"Err(" + label("Level", 0, "trace") + ")", "Some(Err(" + label("Level", 0, "trace") + "))"}, want: cm.Some(cm.Fail[uint64](kinds.LevelTrace))},

		{name: "cases", version: "0.1", do: levels(kinds.LevelInfo, kinds.LevelError), got: []kinds.Level{kinds.LevelInfo, kinds.LevelError}, seen: twice("[" + label("Level", 0, "info") + ", " + label("Level", 2, "error") + "]"), want: []kinds.Level{kinds.LevelInfo, kinds.LevelError}},
		{name: "a new case", version: "0.1", do: levels(kinds.LevelTrace), lossy: "0.1.3"},
		{name: "a new case in answer", version: "0.1", do: levels(kinds.LevelInfo), reply: []kinds.Level{kinds.LevelTrace}, lossy: "0.1.3", trap: true},
		{name: "an old case", version: "0.1", do: script("old level"), lossy: "0.3.0", trap: true},
		{name: "an old case in answer", version: "0.1", do: after("fatal", levels(kinds.LevelInfo)), lossy: "0.3.0"},
		{name: "no case at all", version: "0.1", do: levels(17), lossy: "0.1.3"},
		{name: "cases", version: "0.2", do: levels(kinds.LevelTrace), got: []kinds.Level{kinds.LevelTrace}, seen: twice("[" + label("Level", 0, "trace") + "]"), want: []kinds.Level{kinds.LevelTrace}},

		// Sync is the lowest bit, then come write and read.
		{name: "flags", version: "0.1", do: modes(kinds.ModeRead), got: kinds.ModeRead, seen: twice("Mode { bits: 4 }"), want: kinds.ModeRead},
		{name: "no flags", version: "0.1", do: modes(0), got: kinds.Mode(0), seen: twice("Mode { bits: 0 }"), want: kinds.Mode(0)},
		{name: "a new flag", version: "0.1", do: modes(kinds.ModeRead | kinds.ModeAppend), lossy: "0.1.3"},
		{name: "a new flag in answer", version: "0.1", do: modes(kinds.ModeRead), reply: kinds.ModeAppend, lossy: "0.1.3", trap: true},
		{name: "an old flag", version: "0.1", do: script("old mode"), lossy: "0.3.0", trap: true},
		{name: "an old flag in answer", version: "0.1", do: after("sync", modes(0)), lossy: "0.3.0"},
		// In the guest it is the type of other flags that are called the same.
		{name: "flags", version: "0.2", do: modes(kinds.ModeWrite), got: kinds.ModeWrite, seen: twice("Rights { bits: 2 }"), want: kinds.ModeWrite},
		{name: "a new flag", version: "0.2", do: modes(kinds.ModeAppend), lossy: "0.2.1"},
		{name: "flags", version: "0.3", do: modes(kinds.ModeAppend), got: kinds.ModeAppend, seen: twice("Mode { bits: 4 }"), want: kinds.ModeAppend},

		{name: "a case without a value", version: "0.1", do: shapes(kinds.ShapeNone{}), got: kinds.ShapeNone{}, seen: twice("Shape::None"), want: kinds.ShapeNone{}},
		{name: "a case with a value", version: "0.1", do: shapes(kinds.ShapeCircle{Value: 3}), got: kinds.ShapeCircle{Value: 3}, seen: twice("Shape::Circle(3)"), want: kinds.ShapeCircle{Value: 3}},
		{name: "a case with the same value", version: "0.1", do: shapes(kinds.ShapeSquare{Value: kinds.Point{X: 1}}), got: kinds.ShapeSquare{Value: kinds.Point{X: 1}}, seen: twice("Shape::Square(Point { x: 1, y: 0 })"), want: kinds.ShapeSquare{Value: kinds.Point{X: 1}}},
		{name: "a case with a record", version: "0.1", do: shapes(kinds.ShapeItem{Value: plain}), got: kinds.ShapeItem{Value: plain}, seen: twice("Shape::Item(" + plainV01 + ")"), want: kinds.ShapeItem{Value: plain}},
		{name: "a case with too much", version: "0.1", do: shapes(kinds.ShapeCircle{Value: 1 << 32}), lossy: "0.1.3"},
		{name: "a case with more", version: "0.1", do: shapes(kinds.ShapeItem{Value: noted}), lossy: "0.1.3"},
		{name: "a case with more in answer", version: "0.1", do: shapes(kinds.ShapeNone{}), reply: kinds.ShapeItem{Value: noted}, got: kinds.ShapeNone{}, seen: []string{"Shape::None", "Shape::Item(" + plainV01 + ")"}, want: kinds.ShapeItem{Value: plain}},
		{name: "a new case with a value", version: "0.1", do: shapes(path), lossy: "0.1.3"},
		{name: "an old case with a value", version: "0.1", do: script("old shape"), lossy: "0.3.0", trap: true},
		{name: "an old case with a value in answer", version: "0.1", do: after("blob", shapes(kinds.ShapeNone{})), lossy: "0.3.0"},
		{name: "a variant that is nil", version: "0.1", do: shapes(nil), lossy: "0.1.3"},
		{name: "a case with a list", version: "0.2", do: shapes(path), got: path, seen: twice("Shape::Line([Point { x: 1, y: 2 }])"), want: path},
		{name: "a case with a record", version: "0.2", do: shapes(kinds.ShapeItem{Value: plain}), got: kinds.ShapeItem{Value: plain}, seen: twice("Shape::Item(" + plainV02 + ")"), want: kinds.ShapeItem{Value: plain}},
		{name: "a case with more", version: "0.2", do: shapes(kinds.ShapeItem{Value: noted}), lossy: "0.2.1"},

		{name: "a record of options", version: "0.1", do: choose(some), got: some, seen: twice("Options { deadline: Some(5) }"), want: some},
		{name: "a record of options with a new one", version: "0.1", do: choose(tags), lossy: "0.1.3"},
		{name: "a record of options with new flags", version: "0.1", do: choose(kinds.Options{Mode: kinds.ModeRead}), lossy: "0.1.3"},
		{name: "a record of options with new ones in answer", version: "0.1", do: choose(kinds.Options{}), reply: full, got: kinds.Options{}, seen: []string{"Options { deadline: None }", "Options { deadline: Some(5) }"}, want: some},
		{name: "a record of options with too much in answer", version: "0.1", do: choose(kinds.Options{}), reply: kinds.Options{Deadline: cm.Some[uint64](1 << 32)}, lossy: "0.1.3", trap: true},
		{name: "a record of options", version: "0.2", do: choose(tags), got: tags, seen: twice(`Options { deadline: Some(5), tags: ["t"] }`), want: tags},
		{name: "a record of options with new flags", version: "0.2", do: choose(full), lossy: "0.2.1"},
		{name: "a record of options with new flags in answer", version: "0.2", do: choose(some), reply: full, got: withTags(some), seen: []string{`Options { deadline: Some(5), tags: [] }`, `Options { deadline: Some(5), tags: ["t"] }`}, want: tags},

		{name: "a record", version: "0.1", do: items(cm.Some(plain)), got: cm.Some(plain), seen: twice("Some(" + plainV01 + ")"), want: cm.Some(plain)},
		{name: "no record", version: "0.1", do: items(cm.None[kinds.Item]()), got: cm.None[kinds.Item](), seen: twice("None"), want: cm.None[kinds.Item]()},
		{name: "a record with a new field", version: "0.1", do: items(cm.Some(noted)), lossy: "0.1.3"},
		{name: "a record with too much", version: "0.1", do: items(cm.Some(huge)), lossy: "0.1.3"},
		{name: "a record with a new field in answer", version: "0.1", do: items(cm.None[kinds.Item]()), reply: cm.Some(noted), got: cm.None[kinds.Item](), seen: []string{"None", "Some(" + plainV01 + ")"}, want: cm.Some(plain)},
		{name: "a record in another order", version: "0.2", do: items(cm.Some(plain)), got: cm.Some(plain), seen: twice("Some(" + plainV02 + ")"), want: cm.Some(plain)},
		{name: "a record with an old field", version: "0.2", do: script("old labels"), lossy: "0.3.0", trap: true},
		{name: "a record with an old field in answer", version: "0.2", do: after("labels", items(cm.Some(plain))), lossy: "0.3.0"},
		{name: "a record", version: "0.3", do: items(cm.Some(noted)), got: cm.Some(noted), seen: twice("Some(" + notedV03 + ")"), want: cm.Some(noted)},

		{name: "a record by functions of our own", version: "0.1", do: enter(kinds.Entry{Key: "k", Level: kinds.LevelInfo}), got: kinds.Entry{Key: "k", Level: kinds.LevelInfo}, seen: twice(`Entry { key: "k" }`), want: kinds.Entry{Key: "k", Level: kinds.LevelInfo}},
		{name: "a record that our own function refuses", version: "0.1", do: enter(kinds.Entry{Key: "k", Level: kinds.LevelError}), lossy: "0.1.3"},
		{name: "a record in answer, of which no function is asked", version: "0.1", do: enter(kinds.Entry{Key: "k", Level: kinds.LevelInfo}), reply: kinds.Entry{Key: "r", Level: kinds.LevelError}, got: kinds.Entry{Key: "k", Level: kinds.LevelInfo}, seen: []string{`Entry { key: "k" }`, `Entry { key: "r" }`}, want: kinds.Entry{Key: "r", Level: kinds.LevelInfo}},
		{name: "a record that is the same", version: "0.2", do: enter(kinds.Entry{Key: "k", Level: kinds.LevelError}), got: kinds.Entry{Key: "k", Level: kinds.LevelError}, seen: twice(`Entry { key: "k", level: ` + label("Level", 3, "error") + " }"), want: kinds.Entry{Key: "k", Level: kinds.LevelError}},

		{name: "a parameter that is new", version: "0.1", do: giveParams(kinds.Options{}), got: params{"n", kinds.Options{}}, seen: twice(`"n"`), want: "n"},
		{name: "a parameter that is new and says something", version: "0.1", do: giveParams(some), lossy: "0.1.3"},
		{name: "a parameter that is gone", version: "0.2", do: giveParams(tags), got: params{"n", tags}, seen: []string{`"n"`, "None", `Options { deadline: Some(5), tags: ["t"] }`, `"n"`}, want: "n"},
		{name: "a parameter that is gone, by the guest", version: "0.2", do: script("no count"), got: params{"n", tags}, want: "n"},
		{name: "a parameter that is gone and says something", version: "0.2", do: script("old count"), lossy: "0.3.0", trap: true},
		{name: "parameters by other names", version: "0.1", do: renamed, got: params{uint32(1), "x"}, seen: []string{"1", `"x"`, `"x"`}, want: "x"},
		{name: "parameters in another order", version: "0.1", do: swapped, got: params{uint32(1), uint32(2)}, seen: []string{"2", "1", "12"}, want: uint32(12)},
		{name: "parameters in the same order", version: "0.2", do: swapped, got: params{uint32(1), uint32(2)}, seen: []string{"1", "2", "12"}, want: uint32(12)},

		{name: "a result that is new", version: "0.1", do: told(3), got: uint32(3), seen: []string{"3", "()"}, want: []string(nil)},
		{name: "a result", version: "0.2", do: told(3), got: uint32(3), seen: []string{"3", `["3"]`}, want: []string{"3"}},
		{name: "a result that is gone", version: "0.1", do: asked, got: uint32(3), seen: []string{"3", "None"}},
		{name: "a result that is gone and says something", version: "0.1", do: after("some", asked), lossy: "0.3.0"},
		{name: "a result that is gone, by functions of our own", version: "0.2", do: asked, got: uint32(3), seen: []string{"3", "3"}},
		{name: "no result", version: "0.3", do: asked, got: uint32(3), seen: []string{"3", "()"}},

		{name: "an enum that is the same", version: "0.1", do: paint(kinds.ColorBlue), got: kinds.ColorBlue, seen: twice(label("Color", 2, "blue")), want: kinds.ColorBlue},
	} {
		t.Run(c.version+" "+c.name, c.run)
	}
}

// withTags returns options as guests return them: a list of nothing is no nil.
func withTags(o kinds.Options) kinds.Options {
	o.Tags = []string{}
	return o
}
