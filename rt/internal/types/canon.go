package types

import (
	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// canon adds what a canonical definition makes. See CanonicalABI.md,
// "Canonical Definitions".
func (s *scope) canon(d *binary.Canon) error {
	switch d.Op {
	case binary.CanonLift:
		return s.lift(d)
	case binary.CanonLower:
		return s.lower(d)
	case binary.CanonResourceNew, binary.CanonResourceDrop, binary.CanonResourceRep:
		return s.resourceFunc(d)
	}
	f, err := s.builtin(d)
	if err != nil {
		return err
	}
	s.addCoreFunc(f)
	return nil
}

// resourceFunc adds a function that makes, drops or looks into handles.
func (s *scope) resourceFunc(d *binary.Canon) error {
	at := d.Pos()
	def, err := get(at, s.types, d.Type, "type")
	if err != nil {
		return err
	}
	r := resource(def)
	switch {
	case r == nil:
		return s.errorf(at, "type %d is not a resource", d.Type)
	case d.Op == binary.CanonResourceDrop:
		s.addCoreFunc(signature("i", ""))
		return nil
	case !s.local[r]:
		return s.errorf(at, "type %d is not a local resource: another component defines it", d.Type)
	}
	s.addCoreFunc(signature("i", "i"))
	return nil
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
	core, err := s.coreFunc(at, d.Func)
	if err != nil {
		return err
	}
	o, err := s.options(d)
	if err != nil {
		return err
	}
	if err := s.asyncFits(at, o, f.Func); err != nil {
		return err
	}
	if !s.ck.charge(s.ck.steps(f.Func)) {
		return s.exhausted(at)
	}
	sig := layout.Lift(f.Func, layout.Options{Async: o.async, Callback: o.callback != nil})
	if want := coreFuncType(sig); !sameCoreFunc(core, want) {
		return s.errorf(at, "core function %d has type %s, %s is lifted from %s", d.Func, coreText(core), funcText(f.Func), coreText(want))
	}
	if want := (&binary.CoreFuncType{Params: core.Results}); o.post != nil && !sameCoreFunc(o.post, want) {
		return s.errorf(at, "post-return has core type %s, want %s", coreText(o.post), coreText(want))
	}
	in := sig.ParamsSpill || s.ck.anyPointers(funcTypes(f.Func)[:len(f.Params)]...)
	out := sig.ResultSpills || s.ck.anyPointers(f.Result)
	if o.async {
		out = out || layout.TaskReturn(f.Result).ResultSpills
	}
	s.funcs = append(s.funcs, f.Func)
	return s.needs(at, o, in || out, in)
}

func (s *scope) lower(d *binary.Canon) error {
	at := d.Pos()
	f, err := get(at, s.funcs, d.Func, "function")
	if err != nil {
		return err
	}
	o, err := s.options(d)
	if err != nil {
		return err
	}
	switch {
	case o.post != nil:
		return s.errorf(at, "canonical option post-return does not go with lower")
	case o.callback != nil:
		return s.errorf(at, "canonical option callback does not go with lower")
	}
	if err := s.asyncFits(at, o, f); err != nil {
		return err
	}
	if !s.ck.charge(s.ck.steps(f)) {
		return s.exhausted(at)
	}
	sig := layout.Lower(f, layout.Options{Async: o.async})
	in := sig.ParamsSpill || s.ck.anyPointers(funcTypes(f)[:len(f.Params)]...)
	out := s.ck.anyPointers(f.Result)
	s.addCoreFunc(coreFuncType(sig))
	return s.needs(at, o, in || sig.ResultSpills || out, out)
}

// asyncFits checks that the async option goes with async functions.
func (s *scope) asyncFits(at int, o options, f *wit.Func) error {
	if o.async && !f.Async {
		return s.errorf(at, "canonical option async goes with async functions only")
	}
	return nil
}

// steps returns what laying out a function's types costs at most: each part is
// visited once.
func (ck *checker) steps(f *wit.Func) int {
	n := 1
	for _, t := range funcTypes(f) {
		n += 1 + ck.measure(t).size/16
	}
	return n
}

// signature returns a core function type from letters: i is i32, l is i64.
func signature(params, results string) *binary.CoreFuncType {
	conv := func(letters string) []binary.CoreValType {
		var out []binary.CoreValType
		for _, c := range letters {
			if c == 'l' {
				out = append(out, i64)
			} else {
				out = append(out, i32)
			}
		}
		return out
	}
	return &binary.CoreFuncType{Params: conv(params), Results: conv(results)}
}

var (
	i32 = binary.CoreValType{Code: uint8(layout.I32)}
	i64 = binary.CoreValType{Code: uint8(layout.I64)}
)

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
