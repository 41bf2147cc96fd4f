package types

import "github.com/witgen/witgen/wit"

// sameFunc reports whether a function type, with what is replaced in it,
// equals another.
func (s *substitution) sameFunc(want, got *wit.Func) bool {
	if want.Async != got.Async || len(want.Params) != len(got.Params) || !s.ck.charge(len(want.Params)) {
		return false
	}
	for i := range want.Params {
		if want.Params[i].Name != got.Params[i].Name || !s.same(want.Params[i].Type, got.Params[i].Type) {
			return false
		}
	}
	return s.same(want.Result, got.Result)
}

// same reports whether a type, with what is replaced in it, equals another: by
// structure, resources by identity. Names of other types do not count.
func (s *substitution) same(want, got wit.Type) bool {
	if want == nil || got == nil || want == got && s.isEmpty() {
		return want == got
	}
	if w, ok := want.(*wit.TypeDef); ok {
		return s.sameName(w, got)
	}
	if g, ok := got.(*wit.TypeDef); ok {
		return !isResource(g) && s.same(want, g.Type)
	}
	if !s.ck.charge(1) || !s.ck.sameShape(want, got) {
		return false
	}
	if w, ok := want.(*wit.Handle); ok {
		return s.sameName(w.Resource, got.(*wit.Handle).Resource)
	}
	ws, gs := parts(want), parts(got)
	if len(ws) != len(gs) || !s.ck.charge(len(ws)) {
		return false
	}
	for i := range ws {
		if !s.same(ws[i], gs[i]) {
			return false
		}
	}
	return true
}

func (s *substitution) sameName(want *wit.TypeDef, got wit.Type) bool {
	if !isResource(want) {
		if d, ok := got.(*wit.TypeDef); ok && s.of[want] == wit.Type(d) {
			return true // they were compared before one replaced the other
		}
		return s.same(want.Type, got) // what replaces it is equal to it
	}
	g, ok := got.(*wit.TypeDef)
	if !ok {
		return false
	}
	root := want.Root()
	if u, ok := s.lookup(root).(*wit.TypeDef); ok {
		root = u.Root()
	}
	return root == g.Root()
}

// sameShape reports whether two types are alike but for their parts.
func (ck *checker) sameShape(a, b wit.Type) bool {
	switch a := a.(type) {
	case wit.Primitive:
		return a == b
	case *wit.Record:
		b, ok := b.(*wit.Record)
		return ok && sameLabels(ck, a.Fields, b.Fields, func(f wit.Field) string { return f.Name })
	case *wit.Variant:
		b, ok := b.(*wit.Variant)
		return ok && sameLabels(ck, a.Cases, b.Cases, func(c wit.Case) string { return c.Name })
	case *wit.Enum:
		b, ok := b.(*wit.Enum)
		return ok && sameLabels(ck, a.Cases, b.Cases, func(l wit.Label) string { return l.Name })
	case *wit.Flags:
		b, ok := b.(*wit.Flags)
		return ok && sameLabels(ck, a.Flags, b.Flags, func(l wit.Label) string { return l.Name })
	case *wit.List:
		b, ok := b.(*wit.List)
		return ok && a.Fixed == b.Fixed && a.Len == b.Len
	case *wit.Handle:
		b, ok := b.(*wit.Handle)
		return ok && a.Borrow == b.Borrow
	case *wit.Tuple:
		_, ok := b.(*wit.Tuple)
		return ok
	case *wit.Option:
		_, ok := b.(*wit.Option)
		return ok
	case *wit.Result:
		_, ok := b.(*wit.Result)
		return ok
	case *wit.Map:
		_, ok := b.(*wit.Map)
		return ok
	case *wit.Stream:
		_, ok := b.(*wit.Stream)
		return ok
	case *wit.Future:
		_, ok := b.(*wit.Future)
		return ok
	}
	return false
}

func sameLabels[T any](ck *checker, a, b []T, label func(T) string) bool {
	if len(a) != len(b) || !ck.charge(len(a)) {
		return false
	}
	for i := range a {
		if label(a[i]) != label(b[i]) {
			return false
		}
	}
	return true
}
