package gen

import (
	"strconv"
	"strings"

	"github.com/witgen/witgen/wit"
)

// direction says where a value goes from and to. Lift and load take it from
// the guest, lower and store give it to the guest. Load and store are for
// values in memory, lift and lower for core values.
type direction uint8

const (
	lift direction = iota
	load
	lower
	store
)

var directionNames = [...]string{"lift", "load", "lower", "store"}

// inMemory returns the direction of the same way through memory.
func (d direction) inMemory() direction {
	if d <= load {
		return load
	}
	return store
}

// flat returns the direction of the same way through core values.
func (d direction) flat() direction {
	if d <= load {
		return lift
	}
	return lower
}

// glue is a function that carries values of a type in a direction.
type glue struct {
	typ       *typ
	direction direction
	name      string
}

// planGlue finds the glue functions that an interface's methods reach: first
// what arguments need, then what results need, each before what it calls.
func (i *iface) planGlue() {
	i.bases = make(map[*typ]string)
	taken := make(map[string]bool)
	for _, d := range i.decls {
		taken[d.name] = true
	}
	seen := make(map[glue]bool)
	var need func(t *typ, d direction)
	need = func(t *typ, d direction) {
		key := glue{typ: t, direction: d}
		if t == nil || !t.glued() || seen[key] {
			return
		}
		seen[key] = true
		i.glue = append(i.glue, &glue{t, d, directionNames[d] + i.base(t, taken)})
		if t.kind == list {
			if d == d.inMemory() {
				need(t, d.flat())
			}
			d = d.inMemory()
		}
		for _, p := range t.parts {
			need(p.typ, d)
		}
	}
	params := func(d direction) {
		for _, m := range i.methods {
			for _, p := range m.params {
				need(p.typ, through(m.paramsSpill, d))
			}
		}
	}
	results := func(d direction) {
		for _, m := range i.methods {
			need(m.result, through(m.resultSpills, d))
		}
	}
	if i.imported {
		params(lift)
		results(lower)
	}
	if i.exported {
		params(lower)
		results(lift)
	}
}

// through returns the direction for values that spill to memory or do not.
func through(memory bool, d direction) direction {
	if memory {
		return d.inMemory()
	}
	return d
}

// glueName returns the name of a glue function.
func (i *iface) glueName(t *typ, d direction) string { return directionNames[d] + i.bases[t] }

// base returns what names a type in the names of glue functions. Those of
// types the interface declares are theirs; any other that is taken has a
// number.
func (i *iface) base(t *typ, taken map[string]bool) string {
	if b, ok := i.bases[t]; ok {
		return b
	}
	b := i.mangle(t)
	if t.decl == nil || t.kind == outcome || t.decl.iface != i {
		for n, plain := 2, b; taken[b]; n++ {
			b = plain + strconv.Itoa(n)
		}
		taken[b] = true
	}
	i.bases[t] = b
	return b
}

// mangle returns a type as a word: OptionString, Tuple2StringU8.
func (i *iface) mangle(t *typ) string {
	if t == nil {
		return "None"
	}
	var b strings.Builder
	switch t.kind {
	case outcome:
		if ok := t.parts[0].typ; ok != nil {
			b.WriteString(i.mangle(ok) + "Or")
		}
		b.WriteString("Err")
		if err := t.parts[1].typ; err != nil {
			b.WriteString(i.mangle(err))
		}
		return b.String()
	case primitive, bytes:
		return t.name
	case record, variant, enum, flags:
		if t.decl.iface == i {
			return t.name
		}
		if name := i.names[t.decl.pkg]; name != t.decl.pkg.name {
			return strings.ToUpper(name[:1]) + name[1:] + t.name
		}
		return t.decl.iface.name + t.name
	}
	b.WriteString(t.name)
	if t.kind == result && t.parts[0].typ == nil && t.parts[1].typ == nil {
		return b.String()
	}
	for _, p := range t.parts {
		b.WriteString(i.mangle(p.typ))
	}
	return b.String()
}

// bits returns the width of an integer or float in bits, and whether it is a
// signed integer.
func bits(p wit.Primitive) (width int, signed bool) {
	switch p {
	case wit.S8, wit.S16, wit.S32, wit.S64:
		signed = true
	}
	switch p {
	case wit.S8, wit.U8:
		return 8, signed
	case wit.S16, wit.U16:
		return 16, signed
	case wit.S64, wit.U64, wit.F64:
		return 64, signed
	}
	return 32, signed
}
