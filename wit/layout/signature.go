package layout

import "github.com/witgen/witgen/wit"

// How many core values a call passes before it goes through memory.
const (
	MaxFlatParams      = 16
	MaxFlatAsyncParams = 4 // of an async lower
	MaxFlatResults     = 1
)

// Options are the canonical options that shape a core signature. The zero
// Options is a synchronous call.
type Options struct {
	Async    bool // option async
	Callback bool // option callback, which goes with Async and concerns Lift
}

// Signature is the core signature of a component function, with what it takes
// to find the values behind it.
type Signature struct {
	Params  []CoreType
	Results []CoreType

	// ParamsSpill says that the parameters go through memory: the first
	// core parameter points to them, laid out as ParamOffsets and
	// ParamLayout say.
	ParamsSpill  bool
	ParamOffsets []uint32 // of each parameter, in bytes
	ParamLayout  Layout
	// ParamSlots holds the index in Params at which the core values of each
	// parameter begin; nil when ParamsSpill.
	ParamSlots []int

	// ResultSpills says that the result goes through memory, laid out as
	// ResultLayout says. A lifted function returns a pointer to it; a
	// lowered one takes the pointer as its last core parameter, and
	// task.return as its only one.
	ResultSpills bool
	ResultLayout Layout
}

// Slots returns the number of 64-bit stack slots a call needs: its parameters
// and its results share them.
func (s Signature) Slots() int { return max(len(s.Params), len(s.Results)) }

// Lift returns the signature of the core function that a component function
// is lifted from: what a guest exports. See definitions.py flatten_functype.
func Lift(f *wit.Func, o Options) Signature {
	s := signature(f, MaxFlatParams)
	switch flat := Flat(f.Result); {
	case o.Async && o.Callback:
		s.Results = flatI32
	case o.Async:
	case len(flat) > MaxFlatResults:
		s.ResultSpills = true
		s.Results = flatI32
	default:
		s.Results = flat
	}
	return s
}

// Lower returns the signature of the core function that a component function
// is lowered to: what a guest imports. See definitions.py flatten_functype.
func Lower(f *wit.Func, o Options) Signature {
	limit := MaxFlatParams
	if o.Async {
		limit = MaxFlatAsyncParams
	}
	s := signature(f, limit)
	flat := Flat(f.Result)
	s.ResultSpills = len(flat) > MaxFlatResults || o.Async && len(flat) > 0
	if s.ResultSpills {
		s.Params = append(s.Params, I32)
	}
	switch {
	case o.Async:
		s.Results = flatI32
	case !s.ResultSpills:
		s.Results = flat
	}
	return s
}

// TaskReturn returns the signature of the task.return through which an async
// lift hands over a result of that type, nil for none. See definitions.py
// canon_task_return.
func TaskReturn(result wit.Type) Signature {
	s := Signature{ParamLayout: Layout{0, 1}, ResultLayout: Of(result)}
	s.Params = Flat(result)
	if len(s.Params) > MaxFlatParams {
		s.Params = flatI32
		s.ResultSpills = true
	}
	return s
}

// signature returns what lifts and lowers share: all but core results.
func signature(f *wit.Func, limit int) Signature {
	types := make([]wit.Type, len(f.Params))
	for i, p := range f.Params {
		types[i] = p.Type
	}
	s := Signature{ResultLayout: Of(f.Result)}
	s.ParamOffsets, s.ParamLayout = Sequence(types...)
	var fl flattener
	slots := make([]int, len(types))
	for i, t := range types {
		slots[i] = len(s.Params)
		s.Params = appendFlat(s.Params, fl.of(t))
	}
	if len(s.Params) > limit {
		s.Params = []CoreType{I32}
		s.ParamsSpill = true
		return s
	}
	s.ParamSlots = slots
	return s
}
