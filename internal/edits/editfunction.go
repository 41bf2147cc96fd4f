package edits

import "slices"

func (d *draw) editFunction() string {
	funcs, of := d.all.everyFunction()
	f := pick(d, funcs)
	if f == nil {
		return ""
	}
	switch d.IntN(8) {
	case 0:
		i := pick(d, d.all.ifaces)
		i.funcs = append(i.funcs, d.function(i, "h"))
		return "function is new"
	case 1:
		i := of[f]
		i.funcs = remove(i.funcs, f)
		for _, t := range i.types {
			t.funcs = remove(t.funcs, f)
		}
		d.all.items = slices.DeleteFunc(d.all.items, func(it *item) bool { return it.fn == f })
		return "function is gone"
	case 2:
		f.name = d.name("h")
		return "function has another name"
	case 3:
		if f.kind == "constructor" {
			return ""
		}
		f.result = nil
		if d.oneIn(3) {
			return "function returns nothing"
		}
		f.result = d.result(of[f])
		return "function returns another type"
	case 4:
		if !d.tongue.Async || f.kind == "constructor" {
			return ""
		}
		f.async = !f.async
		return "function is async, or not"
	case 5:
		return d.ownership()
	}
	if what := d.editMembers(of[f], &f.params, true, true); what != "" {
		return "parameters: " + what
	}
	return ""
}

// ownership has a handle be of the other kind.
func (d *draw) ownership() string {
	var handles []*typ
	for _, s := range d.all.slots() {
		if (*s).keyword == "own" || (*s).keyword == "borrow" {
			handles = append(handles, *s)
		}
	}
	h := pick(d, handles)
	switch {
	case h == nil:
		return ""
	case h.keyword == "own":
		h.keyword = "borrow"
		return "handle is borrowed"
	}
	h.keyword = "own"
	return "handle is owned"
}

func (d *draw) editResource() string {
	var list []*def
	for _, t := range d.all.everyType() {
		if t.keyword == "resource" {
			list = append(list, t)
		}
	}
	t := pick(d, list)
	if t == nil {
		return ""
	}
	f := pick(d, t.funcs)
	switch {
	case f == nil || d.oneIn(3):
		t.funcs = append(t.funcs, d.method(t))
		return "function of a resource is new"
	case d.oneIn(2):
		t.funcs = remove(t.funcs, f)
		return "function of a resource is gone"
	case f.kind == "":
		f.kind = "static"
		return "method is static"
	case f.kind == "static":
		f.kind = ""
		return "static function is a method"
	}
	return ""
}
