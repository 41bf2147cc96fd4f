package edits

import "slices"

// edit makes one edit and says what it was.
func (d *draw) edit(c *contract) string {
	d.all = c
	for {
		what := ""
		switch d.IntN(9) {
		case 0, 1, 2:
			what = d.editType()
		case 3, 4:
			what = d.editFunction()
		case 5:
			what = d.editResource()
		case 6:
			what = d.editWorld()
		case 7:
			if what = d.editNothing(); d.oneIn(3) {
				what = d.editGate()
			}
		case 8:
			what = d.editName()
		}
		if what != "" {
			return what
		}
	}
}

// everyIface returns the interfaces, and the world itself as one.
func (c *contract) everyIface() []*iface { return append([]*iface{c.own}, c.ifaces...) }

func (c *contract) everyType() (list []*def) {
	for _, i := range c.everyIface() {
		list = append(list, i.types...)
	}
	return list
}

// everyFunction returns all functions, and what each of them is of.
func (c *contract) everyFunction() (list []*function, of map[*function]*iface) {
	of = make(map[*function]*iface)
	add := func(i *iface, funcs []*function) {
		for _, f := range funcs {
			list, of[f] = append(list, f), i
		}
	}
	for _, i := range c.everyIface() {
		add(i, i.funcs)
		for _, t := range i.types {
			add(i, t.funcs)
		}
	}
	for _, it := range c.items {
		if it.fn != nil {
			add(c.own, []*function{it.fn})
		}
	}
	return list, of
}

// slots returns where types are used.
func (c *contract) slots() (list []**typ) {
	var walk func(t **typ)
	walk = func(t **typ) {
		if *t == nil {
			return
		}
		list = append(list, t)
		for n := range (*t).args {
			walk(&(*t).args[n])
		}
	}
	for _, t := range c.everyType() {
		walk(&t.typ)
		for n := range t.members {
			walk(&t.members[n].typ)
		}
	}
	funcs, _ := c.everyFunction()
	for _, f := range funcs {
		for n := range f.params {
			walk(&f.params[n].typ)
		}
		walk(&f.result)
	}
	return list
}

// used reports whether anything names a type.
func (c *contract) used(t *def) bool {
	return slices.ContainsFunc(c.slots(), func(s **typ) bool { return (*s).def == t }) ||
		slices.ContainsFunc(c.everyType(), func(u *def) bool { return u.from == t })
}
