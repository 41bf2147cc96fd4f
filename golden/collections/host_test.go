package collections_test

import (
	"context"

	"github.com/witgen/witgen/golden/collections/arrays"
	"github.com/witgen/witgen/golden/collections/maps"
	"github.com/witgen/witgen/rt/cm"
)

// host notes the arguments of a call and returns what it is told to.
type host struct {
	args []any
	out  any
	err  error
}

// answer returns what a method returns.
func answer[T any](h *host, args ...any) (T, error) {
	h.args = args
	v, _ := h.out.(T) // nil beside an error
	return v, h.err
}

type mapsHost struct{ *host }

func (h mapsHost) ScoresThrough(_ context.Context, a maps.Scores) (maps.Scores, error) {
	return answer[maps.Scores](h.host, a)
}
func (h mapsHost) BoolKeys(_ context.Context, a map[bool]string) (map[bool]string, error) {
	return answer[map[bool]string](h.host, a)
}
func (h mapsHost) CharKeys(_ context.Context, a map[rune]rune) (map[rune]rune, error) {
	return answer[map[rune]rune](h.host, a)
}
func (h mapsHost) SmallKeys(_ context.Context, a map[int8]uint8, b map[uint8]int64, c map[int16]bool, d map[uint16]float64) (map[int8]uint8, error) {
	return answer[map[int8]uint8](h.host, a, b, c, d)
}
func (h mapsHost) LargeKeys(_ context.Context, a map[int32]uint8, b map[uint32]float32, c map[int64]uint16, d map[uint64]maps.Color) (map[int64]uint16, error) {
	return answer[map[int64]uint16](h.host, a, b, c, d)
}
func (h mapsHost) MapValues(_ context.Context, a map[uint32][]byte, b map[uint32]arrays.Digest, c map[uint32][2]arrays.Cell, d map[uint32]cm.Option[arrays.Cell]) (map[uint32][2]arrays.Cell, error) {
	return answer[map[uint32][2]arrays.Cell](h.host, a, b, c, d)
}

type nested = map[string]map[string]map[uint8]string

func (h mapsHost) NestedMaps(_ context.Context, a nested, b []map[uint8]uint8) (nested, error) {
	return answer[nested](h.host, a, b)
}
func (h mapsHost) Pages(_ context.Context, a maps.Page, b []maps.Page) (maps.Page, error) {
	return answer[maps.Page](h.host, a, b)
}
func (h mapsHost) Lookups(_ context.Context, a maps.Lookup, b cm.Option[maps.Lookup]) (maps.Lookup, error) {
	return answer[maps.Lookup](h.host, a, b)
}

type pairs = cm.Tuple3[map[uint8]uint8, uint8, map[string]string]

func (h mapsHost) MapPairs(_ context.Context, a pairs) (pairs, error) {
	return answer[pairs](h.host, a)
}
func (h mapsHost) MapOrText(_ context.Context, a uint8) (maps.Scores, error) {
	return answer[maps.Scores](h.host, a)
}
func (h mapsHost) MapOrMap(_ context.Context, a uint8) error {
	_, err := answer[any](h.host, a)
	return err
}

type arraysHost struct{ *host }

func (h arraysHost) Digests(_ context.Context, a arrays.Digest, b []arrays.Digest) (arrays.Digest, error) {
	return answer[arrays.Digest](h.host, a, b)
}
func (h arraysHost) One(_ context.Context, a [1]byte) ([1]byte, error) {
	return answer[[1]byte](h.host, a)
}
func (h arraysHost) OneWide(_ context.Context, a [1]float64) ([1]float64, error) {
	return answer[[1]float64](h.host, a)
}
func (h arraysHost) FewBytes(_ context.Context, a [4]byte, b [2]arrays.Byte) ([4]byte, error) {
	return answer[[4]byte](h.host, a, b)
}
func (h arraysHost) Most(_ context.Context, a [16]byte) ([16]byte, error) {
	return answer[[16]byte](h.host, a)
}
func (h arraysHost) TooMany(_ context.Context, a [17]byte) ([17]byte, error) {
	return answer[[17]byte](h.host, a)
}

type ints = cm.Tuple7[[2]int8, [2]uint16, [2]int16, [2]uint32, [2]int32, [2]uint64, [2]int64]

func (h arraysHost) Ints(_ context.Context, a [2]int8, b [2]uint16, c [2]int16, d [2]uint32, e [2]int32, f [2]uint64, g [2]int64) (ints, error) {
	return answer[ints](h.host, a, b, c, d, e, f, g)
}

type reals = cm.Tuple2[[3]float32, [3]float64]

func (h arraysHost) Reals(_ context.Context, a [3]float32, b [3]float64) (reals, error) {
	return answer[reals](h.host, a, b)
}

type truths = cm.Tuple2[[3]bool, [2]rune]

func (h arraysHost) Truths(_ context.Context, a [3]bool, b [2]rune) (truths, error) {
	return answer[truths](h.host, a, b)
}
func (h arraysHost) Names(_ context.Context, a [3]string) ([3]string, error) {
	return answer[[3]string](h.host, a)
}
func (h arraysHost) Cells(_ context.Context, a [2]arrays.Cell, b uint8) ([2]arrays.Cell, error) {
	return answer[[2]arrays.Cell](h.host, a, b)
}
func (h arraysHost) Matrix(_ context.Context, a [3][2]float32) ([3][2]float32, error) {
	return answer[[3][2]float32](h.host, a)
}
func (h arraysHost) Lists(_ context.Context, a [2][]byte, b [2][]uint16, c [2][]string) ([2][]string, error) {
	return answer[[2][]string](h.host, a, b, c)
}
func (h arraysHost) Optional(_ context.Context, a cm.Option[[2]uint32], b [2]cm.Option[uint32], c cm.Result[[2]byte, [2]float32]) ([2]cm.Option[uint32], error) {
	return answer[[2]cm.Option[uint32]](h.host, a, b, c)
}
func (h arraysHost) Outlines(_ context.Context, a arrays.Shape, b [3]arrays.Sides) (arrays.Shape, error) {
	return answer[arrays.Shape](h.host, a, b)
}
func (h arraysHost) Routes(_ context.Context, a [][][]arrays.Shape) (uint32, error) {
	return answer[uint32](h.host, a)
}
func (h arraysHost) Boards(_ context.Context, a arrays.Board) (arrays.Board, error) {
	return answer[arrays.Board](h.host, a)
}
func (h arraysHost) ArrayOrArray(_ context.Context, a uint8) ([4]byte, error) {
	return answer[[4]byte](h.host, a)
}
