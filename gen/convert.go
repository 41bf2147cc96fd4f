package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/witgen/witgen/wit"
)

// convert returns what carries values of a type to the other version, nil if there
// is nothing to do.
func (b *bridge) convert(from, to *typ, w way) *conversion {
	older, newest := from, to
	if !w.up {
		older, newest = to, from
	}
	if b.same.identical(older, newest) {
		return nil
	}
	w.exported = w.exported && (from.sided || to.sided)
	if known, ok := b.known[conversionKey(from, to, w)]; ok {
		return known
	}
	c := &conversion{from: from, to: to, way: w}
	b.plan(c)
	for _, p := range c.parts {
		c.fails, c.asks = c.fails || p != nil && p.fails, c.asks || p != nil && p.asks
		c.makes = c.makes || p != nil && p.makes
	}
	if c.missing != "" {
		c.fails, c.makes, c.parts = true, to.owns && !from.owns, nil
	}
	b.known[conversionKey(from, to, w)] = c
	if !c.asks {
		other := w
		other.answer = !w.answer
		b.known[conversionKey(from, to, other)] = c
	}
	if !c.inline() {
		c.name = b.unique(b.conversionName(c))
		if c.missing != "" && (c.from.nilable() || c.to.nilable()) {
			c.yours, c.name = c.name, b.unique("checked"+capital(c.name))
		}
		b.conversions = append(b.conversions, c)
	}
	return c
}

// conversionKey tells conversions apart: by the types in Go, and by what is lent in
// one version and given away in the other, which those do not say.
func conversionKey(from, to *typ, w way) string {
	before, after := from.handles(), to.handles()
	if before == after { // who owns what makes no difference
		before, after = "", ""
	}
	return fmt.Sprint(from.goType, " ", before, " ", to.goType, " ", after, " ", w.up, w.answer, w.exported)
}

// handles says of each resource in a type whether it is lent or given away.
func (t *typ) handles() string {
	switch {
	case t == nil || !t.owns && !t.borrows:
		return ""
	case t.kind == handle && t.borrow:
		return "b"
	case t.kind == handle:
		return "o"
	}
	var all strings.Builder
	for _, p := range t.parts {
		all.WriteString(p.typ.handles())
	}
	return all.String()
}

// inline reports whether the conversion is written out in place.
func (c *conversion) inline() bool {
	if c.missing != "" {
		return false
	}
	switch {
	case c.from.kind == primitive:
		return c.to.kind == primitive
	case c.to.kind == option && c.from.kind != option:
		return !c.fails
	}
	return false
}

// conversionName returns the name that the function of a conversion wants.
func (b *bridge) conversionName(c *conversion) string {
	name := c.String() + b.word
	newest := c.to
	if !c.up {
		newest = c.from
	}
	name += b.typeName(newest)
	if c.exported {
		name += "Export"
	}
	if c.asks && c.answer {
		name += "Answer"
	}
	return name
}

// typeName returns a type of either version as a word.
func (b *bridge) typeName(t *typ) string {
	switch t.kind {
	case primitive, bytes:
		return t.name
	case record, variant, enum, flags, handle:
		return t.decl.iface.name + t.decl.name
	}
	name := t.name
	for _, p := range t.parts {
		if p.typ == nil {
			name += "None"
		} else {
			name += b.typeName(p.typ)
		}
	}
	return name
}

// plan settles how a conversion is done.
func (b *bridge) plan(c *conversion) {
	from, to := c.from, c.to
	switch {
	case from.kind == primitive && to.kind == primitive:
		b.planPrimitive(c)
	case from.listed() && to.listed(), from.kind == array && to.kind == array && from.flatLength() == to.flatLength():
		c.parts = []*conversion{b.convert(from.parts[0].typ, to.parts[0].typ, c.way)}
	case from.kind == mapping && to.kind == mapping:
		b.planParts(c, c.way)
	case from.kind == option && to.kind == option:
		b.planParts(c, c.way)
	case to.kind == option:
		c.parts = []*conversion{b.convert(from, to.parts[0].typ, c.way)}
	case from.kind == option:
		c.parts, c.fails = []*conversion{b.convert(from.parts[0].typ, to, c.way)}, true
	case from.kind == result && to.kind == result, from.kind == tuple && to.kind == tuple && len(from.parts) == len(to.parts):
		b.planParts(c, c.way)
	case from.kind == record && to.kind == record:
		b.planRecord(c)
	case from.kind == variant && to.kind == variant:
		b.planVariant(c)
	case from.kind == enum && to.kind == enum, from.kind == flags && to.kind == flags:
		c.planLabels()
	case from.kind == handle && to.kind == handle && from.decl.wit.Name == to.decl.wit.Name:
		b.planHandle(c)
	default:
		c.missing = b.noWay(c)
	}
}

// noWay says why a conversion is the user's to write that is none of those known.
func (b *bridge) noWay(c *conversion) string {
	from, to := c.from.text, c.to.text
	if from == to { // as that of an enum and of a variant
		from, to = kindNames[c.from.kind]+" "+from, kindNames[c.to.kind]+" "+to
	}
	return fmt.Sprintf("%s is %s in version %s, and witgen knows of no way from one to the other.", from, to, b.version(c.up))
}

// listed reports whether a type is a list of any length.
func (t *typ) listed() bool { return t.kind == list || t.kind == bytes || t.kind == numbers }

// flatLength returns the length of an array.
func (t *typ) flatLength() uint32 { return t.goType.length }

// planPrimitive settles how a primitive becomes another one: integers by their
// values, and what holds all that the other does.
func (b *bridge) planPrimitive(c *conversion) {
	from, signed, ok := c.from.integer()
	to, toSigned, toOK := c.to.integer()
	switch {
	case ok && toOK:
		c.fails = signed && !toSigned || to < from || to == from && signed != toSigned
	case c.from.primitive == wit.F32 && c.to.primitive == wit.F64,
		c.from.primitive == wit.Char && c.to.primitive == wit.String,
		c.from.primitive == wit.Char && c.to.primitive == wit.U32:
	default:
		c.missing = b.noWay(c)
	}
}

// planParts converts part by part.
func (b *bridge) planParts(c *conversion, w way) {
	for k, p := range c.to.parts {
		q := c.from.parts[k]
		switch {
		case p.typ == nil && q.typ == nil:
			c.parts = append(c.parts, nil)
		case p.typ == nil || q.typ == nil:
			c.missing = fmt.Sprintf("%s is %s in version %s: what one has, the other has none of.", c.from.text, c.to.text, b.version(c.up))
		default:
			c.parts = append(c.parts, b.convert(q.typ, p.typ, w))
		}
		c.of = append(c.of, k)
	}
}

// planRecord converts field by field. A field that is not there has to have a value
// that stands for nothing. One that has no place there has to be empty, as it would
// be lost; but for what the newest host answers to an older guest, which has never
// asked for it.
func (b *bridge) planRecord(c *conversion) {
	have := make(map[string]int)
	for k, m := range c.from.decl.members {
		have[m.wit] = k
	}
	for k, m := range c.to.decl.members {
		j, ok := have[m.wit]
		delete(have, m.wit)
		switch {
		case ok:
			c.of, c.parts = append(c.of, j), append(c.parts, b.convert(c.from.parts[j].typ, c.to.parts[k].typ, c.way))
		case c.to.parts[k].typ.absent():
			c.of, c.parts = append(c.of, -1), append(c.parts, nil)
		default:
			c.missing = fmt.Sprintf("Field %s is in version %s alone, and no %s stands for nothing.", m.wit, b.version(c.up), c.to.parts[k].typ.text)
			return
		}
	}
	for k, m := range c.from.decl.members {
		if _, gone := have[m.wit]; !gone {
			continue
		}
		t := c.from.parts[k].typ
		c.asks = c.asks || !c.up && !t.owns
		switch {
		case t.owns:
			c.missing = fmt.Sprintf("Field %s has no place in version %s, and holds what somebody has to close.", m.wit, b.version(c.up))
			return
		case c.answer && !c.up:
		case !t.absent():
			c.missing = fmt.Sprintf("Field %s has no place in version %s, and no %s stands for nothing.", m.wit, b.version(c.up), t.text)
			return
		default:
			c.gone, c.fails = append(c.gone, k), true
		}
	}
}

// planVariant converts case by case. It fails with one that is not there.
func (b *bridge) planVariant(c *conversion) {
	c.fails = true
	for k, m := range c.to.decl.members {
		j := slices.IndexFunc(c.from.decl.members, func(n member) bool { return n.wit == m.wit })
		c.of, c.parts = append(c.of, j), append(c.parts, nil)
		if j < 0 {
			continue
		}
		p, q := c.from.parts[j].typ, c.to.parts[k].typ
		switch {
		case p == nil && q == nil:
		case p == nil || q == nil:
			c.missing = fmt.Sprintf("Case %s has a value in one version and none in the other.", m.wit)
			return
		default:
			c.parts[k] = b.convert(p, q, c.way)
		}
	}
}

// planLabels converts the cases of an enum, or flags, by their names. It fails with
// one that is not there.
func (c *conversion) planLabels() {
	c.fails = c.from.kind == enum // which may be a number that is no case at all
	used := make(map[int]bool)
	for _, m := range c.to.decl.members {
		j := slices.IndexFunc(c.from.decl.members, func(n member) bool { return n.wit == m.wit })
		c.of, used[j] = append(c.of, j), true
	}
	for k := range c.from.decl.members {
		if !used[k] {
			c.gone, c.fails = append(c.gone, k), true
		}
	}
}

// planHandle wraps a resource as one of the other version, or takes it out again
// where it comes back to where it is from.
func (b *bridge) planHandle(c *conversion) {
	older, newest := c.from.decl, c.to.decl
	if !c.up {
		older, newest = newest, older
	}
	if c.from.borrow != c.to.borrow {
		c.missing = fmt.Sprintf("%s is %s there, which somebody else closes.", c.from.text, c.to.text)
		return
	}
	if b.same.interfaces[older.iface] != newest.iface {
		c.missing = fmt.Sprintf("%s is of another interface there.", c.from.text)
		return
	}
	wrapper := b.wrapper(older, newest, c.exported && older.iface.exported)
	if c.up != wrapper.exported {
		c.fails = true // it may be another's
	}
	c.wrapper = wrapper
}
