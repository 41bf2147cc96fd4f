package types_test

import (
	"context"

	"github.com/witgen/witgen/golden/types/base"
	"github.com/witgen/witgen/golden/types/choices"
	"github.com/witgen/witgen/golden/types/failures"
	"github.com/witgen/witgen/golden/types/structures"
	"github.com/witgen/witgen/rt/cm"
)

// host notes the arguments of a call and returns what it is told to.
type host struct {
	args  []any
	out   []any // as the method returns them
	calls int
}

// one returns what a method with a value and an error returns.
func one[T any](h *host, args ...any) (T, error) {
	h.args = args
	h.calls++
	v, _ := h.out[0].(T) // a nil variant is none
	err, _ := h.out[1].(error)
	return v, err
}

// none returns what a method with an error alone returns.
func none(h *host, args ...any) error {
	h.args = args
	h.calls++
	err, _ := h.out[0].(error)
	return err
}

type primitivesHost struct{ *host }

func (h primitivesHost) Bools(_ context.Context, a bool) (bool, error) { return one[bool](h.host, a) }
func (h primitivesHost) Small(_ context.Context, a int8, b uint8, c int16, d uint16) (int8, error) {
	return one[int8](h.host, a, b, c, d)
}
func (h primitivesHost) Large(_ context.Context, a int32, b uint32, c int64, d uint64) (int64, error) {
	return one[int64](h.host, a, b, c, d)
}
func (h primitivesHost) Floats(_ context.Context, a float32, b float64) (float32, error) {
	return one[float32](h.host, a, b)
}
func (h primitivesHost) Double(_ context.Context, a float64) (float64, error) {
	return one[float64](h.host, a)
}
func (h primitivesHost) Unsigned(_ context.Context, a uint64) (uint64, error) {
	return one[uint64](h.host, a)
}
func (h primitivesHost) Chars(_ context.Context, a rune) (rune, error) { return one[rune](h.host, a) }
func (h primitivesHost) Strings(_ context.Context, a, b string) (string, error) {
	return one[string](h.host, a, b)
}
func (h primitivesHost) Keywords(_ context.Context, a, b, c, d, e, f, g, i, j, k, l uint8) (uint8, error) {
	return one[uint8](h.host, a, b, c, d, e, f, g, i, j, k, l)
}
func (h primitivesHost) Type(context.Context) error { return none(h.host) }
func (h primitivesHost) Host(context.Context) error { return none(h.host) }
func (h primitivesHost) Many(_ context.Context, a1 uint8, a2 uint64, a3 string, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15 uint8, a16 bool) (string, error) {
	return one[string](h.host, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16)
}
func (h primitivesHost) Nothing(context.Context) error     { return none(h.host) }
func (h primitivesHost) Old(context.Context) (bool, error) { return one[bool](h.host) }

type sequencesHost struct{ *host }

func (h sequencesHost) Blob(_ context.Context, a []byte) ([]byte, error) {
	return one[[]byte](h.host, a)
}
func (h sequencesHost) Numbers(_ context.Context, a []int8, b []uint16, c []int32, d []uint64) ([]float32, error) {
	return one[[]float32](h.host, a, b, c, d)
}
func (h sequencesHost) Doubles(_ context.Context, a []float64) ([]float64, error) {
	return one[[]float64](h.host, a)
}
func (h sequencesHost) Bits(_ context.Context, a []bool) ([]bool, error) {
	return one[[]bool](h.host, a)
}
func (h sequencesHost) Runes(_ context.Context, a []rune) ([]rune, error) {
	return one[[]rune](h.host, a)
}
func (h sequencesHost) Texts(_ context.Context, a base.Names) ([]string, error) {
	return one[[]string](h.host, a)
}
func (h sequencesHost) Nested(_ context.Context, a [][]string, b [][]byte, c [][]uint32) ([][]string, error) {
	return one[[][]string](h.host, a, b, c)
}
func (h sequencesHost) Structs(_ context.Context, a []base.Position, b []base.Level) ([]base.Position, error) {
	return one[[]base.Position](h.host, a, b)
}
func (h sequencesHost) Pair(_ context.Context, a cm.Tuple2[uint8, string]) (cm.Tuple2[uint8, string], error) {
	return one[cm.Tuple2[uint8, string]](h.host, a)
}
func (h sequencesHost) Single(_ context.Context, a cm.Tuple1[uint64]) (cm.Tuple1[uint64], error) {
	return one[cm.Tuple1[uint64]](h.host, a)
}

type triple = cm.Tuple3[base.Position, cm.Tuple2[bool, rune], []base.Position]

func (h sequencesHost) Triple(_ context.Context, a triple) (triple, error) {
	return one[triple](h.host, a)
}

type structuresHost struct{ *host }

func (h structuresHost) EverythingThrough(_ context.Context, a structures.Everything) (structures.Everything, error) {
	return one[structures.Everything](h.host, a)
}
func (h structuresHost) Flat(_ context.Context, a base.Position, b base.Level, c base.Permissions, d structures.ManyFlags, e structures.FullFlags, f structures.WideFlags) (base.Position, error) {
	return one[base.Position](h.host, a, b, c, d, e, f)
}
func (h structuresHost) LevelOf(_ context.Context, a base.Level) (base.Level, error) {
	return one[base.Level](h.host, a)
}
func (h structuresHost) RightsOf(_ context.Context, a base.Permissions) (base.Permissions, error) {
	return one[base.Permissions](h.host, a)
}
func (h structuresHost) WideOf(_ context.Context, a structures.WideFlags) (structures.WideFlags, error) {
	return one[structures.WideFlags](h.host, a)
}

type four = cm.Tuple4[structures.ManyFlags, structures.WideFlags, structures.FullFlags, structures.Only]

func (h structuresHost) InMemory(_ context.Context, a []structures.ManyFlags, b []structures.WideFlags, c []structures.FullFlags, d []base.Permissions, e []structures.Only) (four, error) {
	return one[four](h.host, a, b, c, d, e)
}
func (h structuresHost) Where(_ context.Context, a structures.Place) (structures.Place, error) {
	return one[structures.Place](h.host, a)
}

type choicesHost struct{ *host }

func (h choicesHost) Shapes(_ context.Context, a choices.Shape) (choices.Shape, error) {
	return one[choices.Shape](h.host, a)
}
func (h choicesHost) Markers(_ context.Context, a choices.Marker) (choices.Marker, error) {
	return one[choices.Marker](h.host, a)
}
func (h choicesHost) Wrapped(_ context.Context, a choices.Wrapper, b []choices.Shape) (choices.Wrapper, error) {
	return one[choices.Wrapper](h.host, a, b)
}
func (h choicesHost) FloatOrInt(_ context.Context, a cm.Result[float32, uint32], b cm.Result[float64, int8], c cm.Result[float32, uint64]) (float32, error) {
	return one[float32](h.host, a, b, c)
}
func (h choicesHost) Options(_ context.Context, a cm.Option[uint32], b cm.Option[string], c cm.Option[cm.Option[bool]]) (cm.Option[cm.Option[bool]], error) {
	return one[cm.Option[cm.Option[bool]]](h.host, a, b, c)
}
func (h choicesHost) OptionPosition(_ context.Context, a cm.Option[base.Position], b cm.Option[[]byte]) (cm.Option[base.Position], error) {
	return one[cm.Option[base.Position]](h.host, a, b)
}

type results = cm.Tuple4[cm.Result[struct{}, struct{}], cm.Result[uint8, struct{}], cm.Result[struct{}, uint8], cm.Result[uint8, string]]

func (h choicesHost) Results(_ context.Context, a results) ([]cm.Result[string, base.Position], error) {
	return one[[]cm.Result[string, base.Position]](h.host, a)
}
func (h choicesHost) FlatResults(_ context.Context, a cm.Result[struct{}, struct{}], b cm.Result[uint8, struct{}], c cm.Result[struct{}, string], d cm.Result[base.Position, string]) (cm.Option[cm.Result[struct{}, struct{}]], error) {
	return one[cm.Option[cm.Result[struct{}, struct{}]]](h.host, a, b, c, d)
}
func (h choicesHost) Big(_ context.Context, a cm.Option[structures.Everything]) (cm.Option[structures.Everything], error) {
	return one[cm.Option[structures.Everything]](h.host, a)
}

type failuresHost struct{ *host }

func (h failuresHost) Bare(context.Context) error { return none(h.host) }
func (h failuresHost) OKOnly(_ context.Context, a uint8) (uint8, error) {
	return one[uint8](h.host, a)
}
func (h failuresHost) Text(_ context.Context, a uint8) error { return none(h.host, a) }
func (h failuresHost) ValueOrText(_ context.Context, a uint8) (string, error) {
	return one[string](h.host, a)
}
func (h failuresHost) Fails(_ context.Context, a uint8) (base.Position, error) {
	return one[base.Position](h.host, a)
}
func (h failuresHost) FailsAlias(_ context.Context, a uint8) ([]byte, error) {
	return one[[]byte](h.host, a)
}
func (h failuresHost) Reasons(_ context.Context, a uint8) (uint8, error) {
	return one[uint8](h.host, a)
}
func (h failuresHost) OnlyReason(_ context.Context, a uint8) error { return none(h.host, a) }
func (h failuresHost) Problems(_ context.Context, a uint8) (cm.Option[uint64], error) {
	return one[cm.Option[uint64]](h.host, a)
}
func (h failuresHost) Foreign(_ context.Context, a uint8) (bool, error) { return one[bool](h.host, a) }
func (h failuresHost) Flagged(_ context.Context, a uint8) (base.Level, error) {
	return one[base.Level](h.host, a)
}
func (h failuresHost) Inside(_ context.Context, a []failures.Failure, b failures.Reason, c failures.Problem) ([]failures.Problem, error) {
	return one[[]failures.Problem](h.host, a, b, c)
}
func (h failuresHost) Tupled(context.Context) (cm.Tuple2[uint8, string], error) {
	return one[cm.Tuple2[uint8, string]](h.host)
}
