package edits

import "slices"

func (d *draw) editWorld() string {
	c := d.all
	it := pick(d, c.items)
	switch d.IntN(5) {
	case 0:
		i := pick(d, c.named())
		export := d.oneIn(2)
		if slices.ContainsFunc(c.items, func(it *item) bool { return it.iface == i && it.export == export }) {
			return ""
		}
		c.items = append(c.items, &item{export: export, iface: i})
		return "import or export is new"
	case 1:
		c.items = append(c.items, &item{export: d.oneIn(2), fn: d.function(c.own, "g")})
		return "function of the world is new"
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

// editNothing makes an edit that nobody notices.
func (d *draw) editNothing() string {
	funcs, _ := d.all.everyFunction()
	switch d.IntN(4) {
	case 0:
		if f := pick(d, funcs); f != nil {
			f.docs = "/// It has documentation.\n@since(version = 0.2.0)\n"
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
	}
	return ""
}
