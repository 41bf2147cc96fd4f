package types

import (
	"fmt"

	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

var i32 = binary.CoreValType{Code: 0x7f}

// canon adds what a canonical definition makes.
func (s *scope) canon(d *binary.Canon) error {
	at := d.Pos()
	switch d.Op {
	case binary.CanonLift:
		return s.lift(d)
	case binary.CanonLower:
		return s.lower(d)
	case binary.CanonResourceNew, binary.CanonResourceDrop, binary.CanonResourceRep:
		def, err := get(at, s.types, d.Type, "type")
		if err != nil {
			return err
		}
		r := resource(def)
		if r == nil {
			return s.errorf(at, "type %d is not a resource", d.Type)
		}
		f := &binary.CoreFuncType{Params: []binary.CoreValType{i32}}
		if d.Op != binary.CanonResourceDrop {
			f.Results = f.Params
			if s.imported[r] {
				return s.errorf(at, "type %d is not a local resource", d.Type)
			}
		}
		s.addCore(binary.CoreFunc, f)
		return nil
	}
	return s.errorf(at, "canonical built-in %s is not supported", d.Op)
}

func (s *scope) lift(d *binary.Canon) error {
	at := d.Pos()
	def, err := get(at, s.types, d.Type, "type")
	if err != nil {
		return err
	}
	f, ok := def.(*Func)
	if !ok {
		return s.errorf(at, "type %d is not a function type", d.Type)
	}
	if f.Async {
		return s.errorf(at, "async functions are not supported")
	}
	core, err := s.coreFunc(at, d.Func)
	if err != nil {
		return err
	}
	sig := layout.Lift(f.Func, layout.Options{})
	if want := coreFuncType(sig); !sameCore(core, want) {
		return s.errorf(at, "core function %d has type %s, %s lifts from %s", d.Func, coreText(core), wit.FuncText(f.Func), coreText(want))
	}
	o, err := s.options(d)
	if err != nil {
		return err
	}
	if o.post != nil && !sameCore(o.post, &binary.CoreFuncType{Params: core.Results}) {
		return s.errorf(at, "post-return: want core type %s", coreText(&binary.CoreFuncType{Params: core.Results}))
	}
	in := sig.ParamsSpill || anyPointers(paramTypes(f.Func)...)
	if err := s.needs(at, o, in || sig.ResultSpills || anyPointers(f.Result), in); err != nil {
		return err
	}
	s.funcs = append(s.funcs, f.Func)
	return nil
}

func (s *scope) lower(d *binary.Canon) error {
	at := d.Pos()
	f, err := get(at, s.funcs, d.Func, "function")
	if err != nil {
		return err
	}
	if f.Async {
		return s.errorf(at, "async functions are not supported")
	}
	o, err := s.options(d)
	if err != nil {
		return err
	}
	if o.post != nil {
		return s.errorf(at, "canonical option post-return does not go with lower")
	}
	sig := layout.Lower(f, layout.Options{})
	out := anyPointers(f.Result)
	in := sig.ParamsSpill || anyPointers(paramTypes(f)...)
	if err := s.needs(at, o, in || sig.ResultSpills || out, out); err != nil {
		return err
	}
	s.addCore(binary.CoreFunc, coreFuncType(sig))
	return nil
}

// options are the canonical options of a lift or lower that are present.
type options struct {
	memory, realloc bool
	post            *binary.CoreFuncType
	encoding        bool
}

var reallocType = &binary.CoreFuncType{Params: []binary.CoreValType{i32, i32, i32, i32}, Results: []binary.CoreValType{i32}}

func (s *scope) options(d *binary.Canon) (options, error) {
	var o options
	at := d.Pos()
	for _, opt := range d.Options {
		var err error
		var twice bool
		switch opt.Op {
		case binary.OptUTF8, binary.OptUTF16, binary.OptLatin1UTF16:
			twice, o.encoding = o.encoding, true
			if opt.Op != binary.OptUTF8 {
				err = s.errorf(at, "string encodings other than utf8 are not supported")
			}
		case binary.OptMemory:
			twice, o.memory = o.memory, true
			_, err = get(at, s.core[binary.CoreMemory], opt.Idx, "core memory")
		case binary.OptRealloc:
			twice, o.realloc = o.realloc, true
			var f *binary.CoreFuncType
			if f, err = s.coreFunc(at, opt.Idx); err == nil && !sameCore(f, reallocType) {
				err = s.errorf(at, "realloc: want core type %s", coreText(reallocType))
			}
		case binary.OptPostReturn:
			twice = o.post != nil
			o.post, err = s.coreFunc(at, opt.Idx)
		default:
			err = s.errorf(at, "canonical option %s is not supported", opt.Op)
		}
		if err != nil {
			return o, err
		}
		if twice {
			return o, s.errorf(at, "canonical option %s is given twice", opt.Op)
		}
	}
	if o.realloc && !o.memory {
		return o, s.errorf(at, "canonical option realloc requires memory")
	}
	return o, nil
}

func (s *scope) needs(at int, o options, memory, realloc bool) error {
	switch {
	case memory && !o.memory:
		return s.errorf(at, "canonical option memory is required")
	case realloc && !o.realloc:
		return s.errorf(at, "canonical option realloc is required")
	}
	return nil
}

func coreFuncType(sig layout.Signature) *binary.CoreFuncType {
	conv := func(ts []layout.CoreType) []binary.CoreValType {
		var out []binary.CoreValType
		for _, t := range ts {
			out = append(out, binary.CoreValType{Code: uint8(t)})
		}
		return out
	}
	return &binary.CoreFuncType{Params: conv(sig.Params), Results: conv(sig.Results)}
}

func coreText(f *binary.CoreFuncType) string {
	list := func(ts []binary.CoreValType) []string {
		out := []string{}
		for _, t := range ts {
			out = append(out, layout.CoreType(t.Code).String())
		}
		return out
	}
	return fmt.Sprintf("%v -> %v", list(f.Params), list(f.Results))
}

func paramTypes(f *wit.Func) []wit.Type {
	ts := make([]wit.Type, len(f.Params))
	for i, p := range f.Params {
		ts[i] = p.Type
	}
	return ts
}

// anyPointers reports whether values of the types refer to memory.
func anyPointers(types ...wit.Type) bool {
	w := pointerWalk{}
	for _, t := range types {
		if w.in(t) {
			return true
		}
	}
	return false
}

// pointerWalk looks for strings and lists, each type once.
type pointerWalk map[wit.Type]bool

func (w pointerWalk) in(t wit.Type) bool {
	switch t := t.(type) {
	case nil:
		return false
	case wit.Primitive:
		return t == wit.String
	case *wit.Map:
		return true
	case *wit.List:
		if !t.Fixed {
			return true
		}
	}
	if w[t] {
		return false
	}
	w[t] = true
	for _, p := range parts(t) {
		if w.in(p) {
			return true
		}
	}
	return false
}

// LowerType returns the core type of the function that a component function is
// lowered to.
func LowerType(f *wit.Func) *binary.CoreFuncType {
	return coreFuncType(layout.Lower(f, layout.Options{}))
}
