package types

import (
	"errors"
	"fmt"

	"github.com/witgen/witgen/wit"
)

// match checks that what an instantiation is given fits an import: more may
// be exported than is wanted, nothing less, and value types are equal. What is
// given for a resource replaces it in all that follows. See Explainer.md,
// "Type Checking".
func (s *substitution) match(want, got Extern) error {
	if !s.ck.step() {
		return errors.New("types are too large")
	}
	if want.kind() != got.kind() {
		return fmt.Errorf("want a %s, have a %s", want.kind(), got.kind())
	}
	switch {
	case want.Func != nil:
		if w := s.function(want.Func); !s.ck.sameFunc(w, got.Func) {
			return fmt.Errorf("want %s, have %s", wit.FuncText(w), wit.FuncText(got.Func))
		}
	case want.Type != nil:
		return s.matchType(want, got)
	case want.Instance != nil:
		var errs []error
		for _, w := range want.Instance.Exports {
			g, ok := got.Instance.export(w.Name)
			if !ok {
				errs = append(errs, fmt.Errorf("missing export %q", w.Name))
			} else if err := s.match(w, g); err != nil {
				errs = append(errs, fmt.Errorf("export %q: %w", w.Name, err))
			}
		}
		return errors.Join(errs...)
	case want.Module != nil:
		return matchModule(want.Module, got.Module)
	case want.Component != nil:
		return errors.New("components as arguments are not supported")
	}
	return nil
}

func (s *substitution) matchType(want, got Extern) error {
	if want.Sub {
		r := resource(got.Type)
		if r == nil {
			return errors.New("want a resource")
		}
		s.of[resource(want.Type)] = r
		return nil
	}
	w, g := s.def(want.Type), got.Type
	switch w := w.(type) {
	case Value:
		if g, ok := g.(Value); ok && s.ck.sameType(w.Type, g.Type) {
			return nil
		}
		return fmt.Errorf("want %s, have another type", wit.TypeText(w.Type))
	case *Func:
		if g, ok := g.(*Func); ok && s.ck.sameFunc(w.Func, g.Func) {
			return nil
		}
		return fmt.Errorf("want %s, have another type", wit.FuncText(w.Func))
	}
	return errors.New("only value, resource and function types can be arguments")
}

func matchModule(want, got *Module) error {
	for _, w := range want.Exports {
		g, ok := got.Export(w.Name)
		if !ok || g.Sort != w.Sort || w.Func != nil && !sameCore(w.Func, g.Func) {
			return fmt.Errorf("core module does not export %q as wanted", w.Name)
		}
	}
	for _, g := range got.Imports {
		if !wanted(want.Imports, g) {
			return fmt.Errorf("core module imports %q %q, which is not wanted", g.Module, g.Name)
		}
	}
	return nil
}

func wanted(list []CoreExtern, g CoreExtern) bool {
	for _, w := range list {
		if w.Module == g.Module && w.Name == g.Name && w.Sort == g.Sort {
			return w.Func == nil || sameCore(w.Func, g.Func)
		}
	}
	return false
}

func (ck *checker) sameFunc(a, b *wit.Func) bool {
	if a.Async != b.Async || len(a.Params) != len(b.Params) || !ck.sameType(a.Result, b.Result) {
		return false
	}
	for i := range a.Params {
		if a.Params[i].Name != b.Params[i].Name || !ck.sameType(a.Params[i].Type, b.Params[i].Type) {
			return false
		}
	}
	return true
}

// sameType reports whether two types are equal: by structure, resources by
// identity. Neither has names but those of resources.
func (ck *checker) sameType(a, b wit.Type) bool {
	if a == b {
		return true
	}
	if !ck.step() {
		return false
	}
	switch a := a.(type) {
	case *wit.TypeDef:
		b, ok := b.(*wit.TypeDef)
		return ok && a.Root() == b.Root()
	case *wit.Record:
		b, ok := b.(*wit.Record)
		return ok && ck.sameFields(a.Fields, b.Fields)
	case *wit.Variant:
		b, ok := b.(*wit.Variant)
		return ok && ck.sameCases(a.Cases, b.Cases)
	case *wit.Enum:
		b, ok := b.(*wit.Enum)
		return ok && sameLabels(a.Cases, b.Cases)
	case *wit.Flags:
		b, ok := b.(*wit.Flags)
		return ok && sameLabels(a.Flags, b.Flags)
	case *wit.Tuple:
		b, ok := b.(*wit.Tuple)
		return ok && ck.sameTypes(a.Types, b.Types)
	case *wit.Option:
		b, ok := b.(*wit.Option)
		return ok && ck.sameType(a.Elem, b.Elem)
	case *wit.Result:
		b, ok := b.(*wit.Result)
		return ok && ck.sameType(a.OK, b.OK) && ck.sameType(a.Err, b.Err)
	case *wit.List:
		b, ok := b.(*wit.List)
		return ok && a.Fixed == b.Fixed && a.Len == b.Len && ck.sameType(a.Elem, b.Elem)
	case *wit.Map:
		b, ok := b.(*wit.Map)
		return ok && ck.sameType(a.Key, b.Key) && ck.sameType(a.Value, b.Value)
	case *wit.Handle:
		b, ok := b.(*wit.Handle)
		return ok && a.Borrow == b.Borrow && a.Resource == b.Resource
	case *wit.Stream:
		b, ok := b.(*wit.Stream)
		return ok && ck.sameType(a.Elem, b.Elem)
	case *wit.Future:
		b, ok := b.(*wit.Future)
		return ok && ck.sameType(a.Elem, b.Elem)
	}
	return false
}

func (ck *checker) sameFields(a, b []wit.Field) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name || !ck.sameType(a[i].Type, b[i].Type) {
			return false
		}
	}
	return true
}

func (ck *checker) sameCases(a, b []wit.Case) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name || !ck.sameType(a[i].Type, b[i].Type) {
			return false
		}
	}
	return true
}

func sameLabels(a, b []wit.Label) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name {
			return false
		}
	}
	return true
}

func (ck *checker) sameTypes(a, b []wit.Type) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !ck.sameType(a[i], b[i]) {
			return false
		}
	}
	return true
}
