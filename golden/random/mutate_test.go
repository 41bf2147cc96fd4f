package random_test

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/witgen/witgen/wit"
)

// mutator makes a newer version of a contract.
type mutator struct {
	*rand.Rand
	names   int
	handles []*wit.TypeDef // resources that new types may have
	lend    bool           // handles may become ones that are lent
}

// world changes something in half of all types and functions, and adds functions
// and takes some out.
func (m *mutator) world(w *wit.World) {
	for _, i := range w.Package.Interfaces {
		for _, d := range i.Types {
			if m.IntN(2) == 0 {
				m.definition(d)
			}
		}
	}
	main := w.Exports[0].Interface
	for _, f := range main.Funcs {
		if m.IntN(2) == 0 {
			m.function(f)
		}
	}
	if n := len(main.Funcs); n > 1 && m.IntN(6) == 0 {
		k := m.IntN(n)
		main.Funcs = slices.Delete(main.Funcs, k, k+1)
	}
	if m.IntN(6) == 0 {
		main.Funcs = append(main.Funcs, &wit.Func{Name: m.name(), Params: []wit.Param{{Name: m.name(), Type: m.leaf()}}, Result: m.leaf()})
	}
	m.Shuffle(len(main.Funcs), func(a, b int) { main.Funcs[a], main.Funcs[b] = main.Funcs[b], main.Funcs[a] })
}

func (m *mutator) name() string {
	m.names++
	return fmt.Sprintf("new-m%d", m.names)
}

// leaf returns a type that was not there; most stand for nothing if they are empty.
func (m *mutator) leaf() wit.Type {
	leaves := []wit.Type{
		wit.U8, wit.S64, wit.String, wit.Bool, &wit.Option{Elem: wit.U16}, &wit.List{Elem: wit.U8}, &wit.List{Elem: wit.String},
		&wit.Option{Elem: &wit.Tuple{Types: []wit.Type{wit.Char, wit.F32}}}, &wit.Tuple{Types: []wit.Type{&wit.Option{Elem: wit.S8}}},
		&wit.Map{Key: wit.U32, Value: wit.String},
	}
	for _, d := range m.handles {
		own := &wit.Handle{Resource: d}
		leaves = append(leaves, own, &wit.Option{Elem: own}, &wit.List{Elem: own})
	}
	return leaves[m.IntN(len(leaves))]
}

// typ returns a type that has become another one.
func (m *mutator) typ(t wit.Type) wit.Type {
	if m.IntN(4) == 0 {
		return &wit.Option{Elem: t}
	}
	switch t := t.(type) {
	case wit.Primitive:
		if m.IntN(8) == 0 {
			return m.leaf()
		}
		near := []wit.Primitive{wit.U8, wit.S8, wit.U16, wit.S16, wit.U32, wit.S32, wit.U64, wit.S64}
		if k := slices.Index(near, t); k >= 0 && m.IntN(3) == 0 {
			return near[k^1] // of the same size
		}
		switch t {
		case wit.F32:
			return wit.F64
		case wit.Char:
			return []wit.Primitive{wit.String, wit.U32}[m.IntN(2)]
		case wit.String, wit.Bool, wit.F64:
			return &wit.Option{Elem: t}
		}
		return near[m.IntN(len(near))]
	case *wit.Handle:
		if t.Borrow || m.lend {
			return &wit.Handle{Borrow: !t.Borrow, Resource: t.Resource}
		}
	case *wit.Option:
		if m.IntN(3) == 0 {
			return t.Elem
		}
		return &wit.Option{Elem: m.typ(t.Elem)}
	case *wit.List:
		return &wit.List{Elem: m.typ(t.Elem), Fixed: t.Fixed, Len: t.Len}
	case *wit.Map:
		return &wit.Map{Key: t.Key, Value: m.typ(t.Value)}
	case *wit.Tuple:
		types := slices.Clone(t.Types)
		k := m.IntN(len(types))
		types[k] = m.typ(types[k])
		return &wit.Tuple{Types: types}
	case *wit.Result:
		if t.OK != nil && (t.Err == nil || m.IntN(2) == 0) {
			return &wit.Result{OK: m.typ(t.OK), Err: t.Err}
		}
		if t.Err != nil {
			return &wit.Result{OK: t.OK, Err: m.typ(t.Err)}
		}
		return &wit.Result{OK: wit.U8}
	}
	return t
}

// definition changes what a name is defined as.
func (m *mutator) definition(d *wit.TypeDef) {
	switch t := d.Type.(type) {
	case *wit.TypeDef, *wit.Resource:
	case *wit.Record:
		change(m, &t.Fields, func() wit.Field { return wit.Field{Name: m.name(), Type: m.leaf()} }, func(f *wit.Field) { f.Type = m.typ(f.Type) })
	case *wit.Variant:
		change(m, &t.Cases, func() wit.Case { return wit.Case{Name: m.name(), Type: m.leaf()} }, func(c *wit.Case) {
			switch {
			case c.Type != nil:
				c.Type = m.typ(c.Type)
			case m.IntN(5) == 0:
				c.Type = m.leaf()
			}
		})
	case *wit.Enum:
		change(m, &t.Cases, func() wit.Label { return wit.Label{Name: m.name()} }, func(l *wit.Label) { l.Name = m.name() })
	case *wit.Flags:
		change(m, &t.Flags, func() wit.Label {
			return wit.Label{Name: m.name()}
		}, func(l *wit.Label) { l.Name = m.name() })
		t.Flags = t.Flags[:min(len(t.Flags), 32)]
	default:
		d.Type = m.typ(t)
	}
}

// change changes a list: of fields, cases or parameters.
func change[T any](m *mutator, list *[]T, add func() T, alter func(*T)) {
	k := m.IntN(len(*list))
	switch m.IntN(4) {
	case 0:
		*list = slices.Insert(slices.Clone(*list), k, add())
	case 1:
		if len(*list) > 1 {
			*list = slices.Delete(slices.Clone(*list), k, k+1)
		}
	case 2:
		m.Shuffle(len(*list), func(a, b int) { (*list)[a], (*list)[b] = (*list)[b], (*list)[a] })
	case 3:
		alter(&(*list)[k])
	}
}

// function changes the parameters or the result of a function.
func (m *mutator) function(f *wit.Func) {
	fresh := func() wit.Param { return wit.Param{Name: m.name(), Type: m.leaf()} }
	switch {
	case m.IntN(2) == 0:
		f.Result = m.result(f.Result)
	case len(f.Params) == 0:
		f.Params = append(f.Params, fresh())
	default:
		change(m, &f.Params, fresh, func(p *wit.Param) {
			if m.IntN(2) == 0 {
				p.Name = m.name()
				return
			}
			m.lend = true
			p.Type = m.typ(p.Type)
			m.lend = false
		})
	}
}

// result changes what a function returns, or fails with.
func (m *mutator) result(t wit.Type) wit.Type {
	r, fails := t.(*wit.Result)
	switch {
	case t == nil:
		return m.leaf()
	case m.IntN(8) == 0:
		return nil
	case !fails && m.IntN(2) == 0:
		return &wit.Result{OK: t, Err: m.leaf()}
	case !fails:
		return m.typ(t)
	}
	switch m.IntN(4) {
	case 0:
		return r.OK
	case 1:
		return &wit.Result{OK: r.OK}
	case 2:
		return &wit.Result{OK: r.OK, Err: m.leaf()}
	}
	if r.Err == nil {
		return &wit.Result{OK: r.OK, Err: m.leaf()}
	}
	return &wit.Result{OK: r.OK, Err: m.typ(r.Err)}
}
