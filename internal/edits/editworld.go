package edits

import "slices"

func (d *draw) editWorld() string {
	c := d.all
	it := pick(d, c.items)
	switch d.IntN(6) {
	case 0:
		i := pick(d, c.named())
		export := d.oneIn(2)
		if slices.ContainsFunc(c.items, func(it *item) bool { return it.iface == i && it.export == export }) {
			return ""
		}
		c.items = append(c.items, &item{export: export, iface: i, label: d.label()})
		return "import or export is new"
	case 1:
		c.items = append(c.items, &item{export: d.oneIn(2), fn: d.function(c.own, "g")})
		return "function of the world is new"
	case 2:
		if c.other.version >= "0.2" {
			return ""
		}
		c.other.version = "0.2.0"
		return "other package is in another track"
	}
	switch {
	case it == nil:
		return ""
	case d.oneIn(3):
		c.items = remove(c.items, it)
		return "import or export is gone"
	case it.fn != nil && d.oneIn(2), it.iface != nil && !slices.ContainsFunc(c.items, func(o *item) bool { return o != it && o.iface == it.iface }):
		it.export = !it.export
		return "import is an export, or the other way round"
	case it.iface != nil && d.oneIn(2):
		it.iface.name = d.name("i")
		return "interface has another name"
	}
	return ""
}

// editName has the world have another interface by a name, or another name for one.
func (d *draw) editName() string {
	it := pick(d, d.all.items)
	if it == nil || it.iface == nil || it.iface.inline {
		return ""
	}
	switch d.IntN(3) {
	case 0:
		if it.iface.pkg = d.all.pkg; d.oneIn(2) {
			it.iface.pkg = d.all.other
		}
		return "interface is in another package, or not"
	case 1:
		if it.label == "" {
			return ""
		}
		it.iface = pick(d, d.all.named())
		return "name is of another interface, or not"
	}
	was := it.label
	if it.label = d.label(); it.label == was {
		return ""
	}
	return "world has another name for an interface"
}

// editGate has something be stable, or not.
func (d *draw) editGate() string {
	funcs, _ := d.all.everyFunction()
	var gates []*string
	for _, f := range funcs {
		gates = append(gates, &f.docs)
	}
	for _, t := range d.all.everyType() {
		if d.tongue.Gates && !d.all.used(t) {
			gates = append(gates, &t.docs)
		}
	}
	for _, it := range d.all.items {
		if it.fn == nil && (!it.iface.inline || d.tongue.Gates) {
			gates = append(gates, &it.docs)
		}
	}
	switch g := pick(d, gates); {
	case g == nil:
		return ""
	case *g == unstable:
		*g = ""
		return "it is stable"
	default:
		*g = unstable
		return "it is unstable"
	}
}

// editNothing makes an edit that nobody notices.
func (d *draw) editNothing() string {
	funcs, of := d.all.everyFunction()
	switch d.IntN(6) {
	case 0:
		if f := pick(d, funcs); f != nil && f.docs == "" {
			f.docs = "/// It has documentation.\n@since(version = " + of[f].pkg.version + ")\n"
			return "nothing: documentation"
		}
	case 1:
		i := pick(d, d.all.ifaces)
		slices.Reverse(i.funcs)
		slices.Reverse(i.types)
		return "nothing: order of an interface"
	case 2:
		slices.Reverse(d.all.items)
		slices.Reverse(d.all.ifaces)
		return "nothing: order of all"
	case 3:
		s := pick(d, d.all.slots())
		if s == nil {
			return ""
		}
		if t := (*s).def; t != nil && t.keyword == "type" && t.root().keyword != "resource" {
			*s = t.typ
			return "nothing: alias in place of its name"
		}
	case 4:
		if it := pick(d, d.all.items); it != nil && it.iface != nil && !it.iface.inline {
			it.part = !it.part
			return "nothing: world that it includes"
		}
	case 5:
		if !d.tongue.Track {
			return ""
		}
		p := pick(d, []*pack{d.all.pkg, d.all.other})
		p.version = p.version[:len(p.version)-1] + "1"
		return "nothing: version in its track"
	}
	return ""
}
