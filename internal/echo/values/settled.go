package values

import (
	"fmt"
	"slices"
	"strings"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// Settled returns a value as it is when each of its maps has become a Go map:
// of entries with the same key the last one counts, and their order is lost; here
// it is that of the keys' texts. Parts that have no map in them may be shared
// with the value.
func Settled(v rt.Value) rt.Value {
	switch v := v.(type) {
	case []rt.Value:
		return settledAll(v)
	case rt.Tuple:
		return rt.Tuple(settledAll(v))
	case rt.Record:
		out := slices.Clone(v)
		for i := range out {
			out[i].Value = Settled(out[i].Value)
		}
		return out
	case rt.Variant:
		return rt.Variant{Case: v.Case, Value: Settled(v.Value)}
	case cm.Option[rt.Value]:
		if x, some := v.Get(); some {
			return cm.Some(Settled(x))
		}
	case cm.Result[rt.Value, rt.Value]:
		if x, ok := v.OK(); ok {
			return cm.OK[rt.Value, rt.Value](Settled(x))
		}
		e, _ := v.Err()
		return cm.Fail[rt.Value, rt.Value](Settled(e))
	case rt.Map:
		return settledMap(v)
	}
	return v
}

func settledAll(list []rt.Value) []rt.Value {
	out := make([]rt.Value, len(list))
	for i, v := range list {
		out[i] = Settled(v)
	}
	return out
}

func settledMap(m rt.Map) rt.Map {
	last := make(map[rt.Value]rt.Value)
	for _, e := range m {
		last[e.Key] = Settled(e.Value)
	}
	out := make(rt.Map, 0, len(last))
	for k, v := range last {
		out = append(out, rt.Entry{Key: k, Value: v})
	}
	slices.SortFunc(out, func(a, b rt.Entry) int { return strings.Compare(fmt.Sprint(a.Key), fmt.Sprint(b.Key)) })
	return out
}
