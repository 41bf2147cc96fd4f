package gen

import (
	"strconv"
	"strings"

	"github.com/witgen/witgen/gen/internal/printer"
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
	// exported is for types that mean something else where the interface is
	// exported.
	exported bool
}

// planGlue finds the glue functions that an interface's methods reach: first
// what arguments need, then what results need, each before what it calls.
func (i *iface) planGlue() {
	i.bases = make(map[*typ]string)
	i.glueNames = make(map[glue]string)
	taken, used := make(map[string]bool), i.inGlue()
	for _, d := range i.decls {
		taken[d.name] = true
	}
	var need func(g glue)
	need = func(g glue) {
		if g.typ == nil || !g.typ.glued() {
			return
		}
		g.exported = g.exported && g.typ.sided
		if _, ok := i.glueNames[g]; ok {
			return
		}
		i.nameGlue(g, i.base(g.typ, taken), used)
		i.glue = append(i.glue, g)
		if g.typ.counted() {
			if g.direction == g.direction.inMemory() {
				need(glue{g.typ, g.direction.flat(), g.exported})
			}
			g.direction = g.direction.inMemory()
		}
		if g.typ.plainList() {
			return // its elements are written out in place
		}
		for _, p := range g.typ.parts {
			need(glue{p.typ, g.direction, g.exported})
		}
	}
	params := func(methods []*method, d direction, exported bool) {
		for _, m := range methods {
			for _, p := range m.arguments() {
				need(glue{p.typ, through(m.paramsSpill, d), exported})
			}
		}
	}
	results := func(methods []*method, d direction, exported bool) {
		for _, m := range methods {
			spills := m.resultSpills
			if d == lift && m.wit.Async {
				spills = m.handedInMemory
			}
			need(glue{m.result, through(spills, d), exported})
		}
	}
	answers, called := callable(i.answers()), callable(i.called())
	params(answers, lift, false)
	results(answers, lower, false)
	params(called, lower, !i.own)
	results(called, lift, !i.own)
}

// nameGlue names a glue function. Where there is one for imports beside it, that
// for exports says so. A name that is taken has a number.
func (i *iface) nameGlue(g glue, base string, used map[string]bool) {
	if g.exported && i.imported {
		base = "Exported" + base
	}
	plain := directionNames[g.direction] + base
	name := plain
	for n := 2; used[name]; n++ {
		name = plain + strconv.Itoa(n)
	}
	used[name] = true
	i.glueNames[g] = name
}

// through returns the direction for values that spill to memory or do not.
func through(memory bool, d direction) direction {
	if memory {
		return d.inMemory()
	}
	return d
}

// glueFor returns the glue function that carries a type.
func (b *body) glueFor(t *typ, d direction) printer.Code {
	return printer.Name(b.iface.glueNames[glue{t, d, b.exported && t.sided}])
}

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
		return i.mangleDecl(t.decl)
	case handle:
		if t.borrow {
			return "Borrow" + i.mangleDecl(t.decl)
		}
		return "Own" + i.mangleDecl(t.decl)
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

// mangleDecl returns a declared type as a word.
func (i *iface) mangleDecl(d *decl) string {
	if d.iface == i {
		return d.name
	}
	if name := i.names[d.pkg]; name != d.pkg.name {
		return strings.ToUpper(name[:1]) + name[1:] + d.name
	}
	return d.iface.name + d.name
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
