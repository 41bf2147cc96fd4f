package edits

import (
	"math/rand/v2"
	"slices"
	"strconv"
)

// Tongue says what of WIT is in contracts. The zero Tongue is what all tools
// know.
type Tongue struct {
	Async bool // async functions, streams, futures and error contexts
	Lists bool // lists of fixed length, and maps
	Names bool // interfaces that a world has other names for
	Track bool // versions that change within their track
	Gates bool // gates of types, and of interfaces that stand in a world
}

// Pair returns a random contract and what one or two edits have made of it, and
// what those were. Both are packages with a world w; not all of them are
// valid. The same numbers give the same contracts.
func Pair(seed, n uint64, t Tongue) (old, now string, what []string) {
	begin := func() (*draw, *contract) {
		d := &draw{Rand: rand.New(rand.NewPCG(seed, n)), tongue: t}
		return d, d.contract()
	}
	_, before := begin()
	d, after := begin()
	old = before.String()
	for range 1 + d.IntN(4)/3 {
		what = append(what, d.edit(after))
		if slices.ContainsFunc(after.everyType(), func(t *def) bool { return t.endless() }) {
			break // nothing valid comes of it
		}
	}
	return old, after.String(), what
}

// draw makes contracts and edits.
type draw struct {
	*rand.Rand
	tongue Tongue
	names  int
	all    *contract
}

func (d *draw) name(prefix string) string {
	d.names++
	return prefix + strconv.Itoa(d.names)
}

func (d *draw) oneIn(n int) bool { return d.IntN(n) == 0 }

// pick returns one of a list; the zero value if it is empty.
func pick[T any](d *draw, list []T) (one T) {
	if len(list) == 0 {
		return one
	}
	return list[d.IntN(len(list))]
}

func (d *draw) contract() *contract {
	c := &contract{pkg: &pack{"edits:random", "0.2.0"}, other: &pack{"edits:other", "0.1.0"}}
	c.own = &iface{pkg: c.pkg}
	d.all = c
	for range 1 + d.IntN(4) {
		i := &iface{name: d.name("i"), pkg: c.pkg}
		if d.oneIn(4) {
			i.pkg = c.other
		}
		d.fill(i)
		c.ifaces = append(c.ifaces, i)
	}
	roles := d.IntN(3) // imports, exports, both
	for _, i := range c.ifaces {
		if roles != 1 && d.oneIn(2) {
			c.items = append(c.items, &item{iface: i, part: d.oneIn(8), label: d.label()})
		}
		if roles != 0 && d.oneIn(2) {
			c.items = append(c.items, &item{export: true, iface: i, part: d.oneIn(8), label: d.label()})
		}
	}
	if d.oneIn(3) {
		i := &iface{name: d.name("l"), pkg: c.pkg, inline: true}
		d.fill(i)
		c.ifaces = append(c.ifaces, i)
		c.items = append(c.items, &item{export: d.oneIn(2), iface: i})
	}
	if d.oneIn(3) {
		d.use(c.own)
		if d.oneIn(2) {
			c.own.types = append(c.own.types, d.definition(c.own))
		}
		for range 1 + d.IntN(2) {
			c.items = append(c.items, &item{export: d.oneIn(2), fn: d.function(c.own, "g")})
		}
	}
	return c
}

// fill gives an interface types and functions.
func (d *draw) fill(i *iface) {
	if d.oneIn(2) {
		d.use(i)
	}
	for range d.IntN(4) {
		i.types = append(i.types, d.definition(i))
	}
	for range d.IntN(4) {
		i.funcs = append(i.funcs, d.function(i, "h"))
	}
}

// use has an interface use types of one that is there already.
func (d *draw) use(i *iface) {
	from := pick(d, slices.DeleteFunc(d.all.named(), func(f *iface) bool { return i.pkg == d.all.other && f.pkg != i.pkg }))
	if from == nil {
		return
	}
	for _, t := range from.types {
		if d.oneIn(2) {
			i.types = append(i.types, &def{name: d.name("v"), in: i, keyword: "use", from: t})
		}
	}
}

// label returns a name that a world has for an interface, mostly none.
func (d *draw) label() string {
	if d.tongue.Names && d.oneIn(5) {
		return d.name("x")
	}
	return ""
}

// unstable is the gate of what is not there unless its feature is on.
const unstable = "@unstable(feature = f)\n"

// gate returns the gate of something new, mostly none.
func (d *draw) gate() string {
	if d.oneIn(12) {
		return unstable
	}
	return ""
}

// named returns the interfaces that have a name of their own.
func (c *contract) named() (list []*iface) {
	for _, i := range c.ifaces {
		if !i.inline {
			list = append(list, i)
		}
	}
	return list
}

func (d *draw) definition(i *iface) *def {
	t := &def{name: d.name("t"), in: i, keyword: pick(d, []string{"record", "record", "variant", "enum", "flags", "resource", "resource", "type"})}
	switch t.keyword {
	case "record", "variant":
		for range 1 + d.IntN(3) {
			m := member{name: d.name("m")}
			if t.keyword == "record" || d.oneIn(2) {
				m.typ = d.typ(i, 2)
			}
			t.members = append(t.members, m)
		}
	case "enum", "flags":
		n := 1 + d.IntN(4)
		if d.oneIn(3) {
			n = map[string][]int{"enum": {255, 256}, "flags": {7, 8, 15, 16, 31}}[t.keyword][d.IntN(2)]
		}
		for range n {
			t.members = append(t.members, member{name: d.name("m")})
		}
	case "type":
		t.typ = d.typ(i, 2)
	case "resource":
		for range d.IntN(3) {
			t.funcs = append(t.funcs, d.method(t))
		}
	}
	return t
}

// method returns a function of a resource.
func (d *draw) method(t *def) *function {
	f := d.function(t.in, "h")
	f.kind = pick(d, []string{"", "static"})
	if d.oneIn(4) && (len(t.funcs) == 0 || t.funcs[0].kind != "constructor") {
		f.kind, f.result, f.async = "constructor", nil, false
	}
	return f
}

func (d *draw) function(i *iface, prefix string) *function {
	f := &function{name: d.name(prefix), docs: d.gate(), async: d.tongue.Async && d.oneIn(5)}
	n := d.IntN(3)
	if d.oneIn(8) {
		n = 15 + d.IntN(3)
	}
	for range n {
		f.params = append(f.params, member{d.name("p"), d.typ(i, 2)})
	}
	if d.oneIn(2) {
		f.result = d.result(i)
	}
	return f
}

// result returns a type without borrows, as functions return.
func (d *draw) result(i *iface) *typ {
	for {
		if t := d.typ(i, 2); !t.borrows() {
			return t
		}
	}
}

// isChar reports whether a type is char, of which there are no streams yet.
func (t *typ) isChar() bool {
	if t.def != nil {
		r := t.def.root()
		return r.typ != nil && r.typ.isChar()
	}
	return t.keyword == "char"
}

func (t *typ) borrows() bool {
	if t == nil {
		return false
	}
	if t.def != nil {
		return t.def.borrows()
	}
	for _, a := range t.args {
		if a.borrows() {
			return true
		}
	}
	return t.keyword == "borrow"
}

func (d *def) borrows() bool {
	r := d.root()
	if r.typ.borrows() {
		return true
	}
	for _, m := range r.members {
		if m.typ.borrows() {
			return true
		}
	}
	return false
}

var primitives = []string{"bool", "u8", "s8", "u16", "u32", "s32", "u64", "f32", "f64", "char", "string"}

func (d *draw) leaf() *typ { return &typ{keyword: pick(d, primitives)} }

// typ returns a type that an interface can name.
func (d *draw) typ(i *iface, depth int) *typ {
	if t := pick(d, i.types); t != nil && d.oneIn(2) {
		if t.root().keyword == "resource" {
			return &typ{keyword: pick(d, []string{"own", "borrow"}), args: []*typ{{def: t}}}
		}
		return &typ{def: t}
	}
	if depth == 0 || d.oneIn(2) {
		return d.leaf()
	}
	keywords := []string{"list", "option", "tuple", "result"}
	if d.tongue.Lists {
		keywords = append(keywords, "map", "fixed")
	}
	if d.tongue.Async {
		keywords = append(keywords, "stream", "future", "error-context")
	}
	switch k := pick(d, keywords); k {
	case "tuple":
		return &typ{keyword: k, args: []*typ{d.typ(i, depth-1), d.typ(i, depth-1)}}
	case "result":
		t := &typ{keyword: k, args: make([]*typ, 2)}
		for n := range t.args {
			if d.oneIn(2) {
				t.args[n] = d.typ(i, depth-1)
			}
		}
		return t
	case "map":
		return &typ{keyword: k, args: []*typ{{keyword: pick(d, []string{"u8", "string"})}, d.typ(i, depth-1)}}
	case "fixed":
		return &typ{keyword: "list", args: []*typ{d.typ(i, depth-1)}, length: 1 + d.IntN(3)}
	case "error-context":
		return &typ{keyword: k}
	case "stream", "future":
		t := d.typ(i, depth-1)
		for t.borrows() || t.isChar() {
			t = d.leaf()
		}
		return &typ{keyword: k, args: []*typ{t}}
	default:
		return &typ{keyword: k, args: []*typ{d.typ(i, depth-1)}}
	}
}
