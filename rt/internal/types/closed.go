package types

import "github.com/witgen/witgen/wit"

// freeWalk collects the resources that externs refer to and those that they
// introduce. A resource is free if it is only referred to. It visits
// everything once.
type freeWalk struct {
	ck    *checker
	seen  map[any]bool
	used  []*wit.TypeDef // each once
	bound map[*wit.TypeDef]bool
}

func (ck *checker) freeWalk() *freeWalk {
	return &freeWalk{ck: ck, seen: make(map[any]bool), bound: make(map[*wit.TypeDef]bool)}
}

// free returns a resource that is free in what was walked so far, or nil.
func (w *freeWalk) free() *wit.TypeDef {
	for _, r := range w.used {
		if !w.bound[r] {
			return r
		}
	}
	return nil
}

// visit reports whether something is to be walked: for the first time, and
// with steps left.
func (w *freeWalk) visit(x any, steps int) bool {
	if w.seen[x] || !w.ck.charge(steps) {
		return false
	}
	w.seen[x] = true
	return true
}

func (w *freeWalk) externs(list []Extern) {
	for _, e := range list {
		switch {
		case e.Func != nil:
			w.function(e.Func)
		case e.Type != nil:
			if e.Sub {
				w.bound[resource(e.Type)] = true
			} else {
				w.def(e.Type)
			}
		case e.Instance != nil:
			w.def(e.Instance)
		case e.Component != nil:
			w.def(e.Component)
		}
	}
}

func (w *freeWalk) def(d Def) {
	switch d := d.(type) {
	case Value:
		if r := resource(d); r != nil {
			w.use(r)
		} else {
			w.value(d.Type)
		}
	case *Func:
		w.function(d.Func)
	case *Instance:
		if w.visit(d, len(d.Exports)) {
			w.externs(d.Exports)
		}
	case *ComponentType:
		if w.visit(d, len(d.Imports)+len(d.Exports)) {
			w.externs(d.Imports)
			w.externs(d.Exports)
		}
	}
}

func (w *freeWalk) use(r *wit.TypeDef) {
	if w.visit(r, 1) {
		w.used = append(w.used, r)
	}
}

func (w *freeWalk) function(f *wit.Func) {
	if w.visit(f, len(f.Params)+1) {
		for _, t := range funcTypes(f) {
			w.value(t)
		}
	}
}

func (w *freeWalk) value(t wit.Type) {
	if h, ok := t.(*wit.Handle); ok {
		w.use(h.Resource.Root())
		return
	}
	if !w.ck.measure(t).handle {
		return
	}
	if ps := parts(t); w.visit(t, len(ps)) {
		for _, p := range ps {
			w.value(p)
		}
	}
}

// isClosed reports whether a definition refers to no resource but those that it
// introduces.
func (ck *checker) isClosed(d Def) bool {
	if v, ok := d.(Value); ok {
		return resource(v) == nil && !ck.measure(v.Type).handle
	}
	if closed, ok := ck.closed[d]; ok {
		return closed
	}
	w := ck.freeWalk()
	w.def(d)
	ck.closed[d] = w.free() == nil
	return ck.closed[d]
}

// finish checks that the imports of a scope refer to no resource that the
// scope itself makes, and that a component's type is closed.
func (s *scope) finish(at int) error {
	w := s.ck.freeWalk()
	w.externs(s.imports)
	if s.comp != nil && w.free() != nil {
		return s.errorf(at, "an import refers to a resource that is not imported before it")
	}
	out := s.ck.freeWalk()
	out.externs(s.exports)
	for _, r := range w.used {
		if out.bound[r] && !w.bound[r] {
			return s.errorf(at, "an import refers to a resource that is exported, not imported")
		}
	}
	w.externs(s.exports)
	if s.comp != nil && w.free() != nil {
		return s.errorf(at, "an export refers to a resource that is neither imported nor exported")
	}
	return nil
}
