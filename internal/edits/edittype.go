package edits

import "slices"

func (d *draw) editType() string {
	t := pick(d, d.all.everyType())
	if t == nil {
		return ""
	}
	switch d.IntN(9) {
	case 0:
		if d.all.used(t) {
			return ""
		}
		t.in.types = remove(t.in.types, t)
		return "type that nothing uses is gone"
	case 1:
		i := pick(d, d.all.everyIface())
		i.types = append(i.types, d.definition(i))
		return "type is new"
	case 2:
		t.name = d.name("t")
		return "type has another name"
	case 3:
		return d.moveType(t)
	case 4:
		return d.otherKind(t)
	case 5:
		if t.keyword != "use" {
			return ""
		}
		others := pick(d, d.all.named()).types
		if o := pick(d, others); o != nil && o.in != t.in && o.root().keyword == t.root().keyword {
			t.from = o
			return "use of another type"
		}
		return ""
	case 6:
		if t.keyword != "use" || t.from.keyword == "use" || t.root().keyword == "resource" {
			return ""
		}
		r := t.from
		t.keyword, t.from, t.typ, t.members = r.keyword, nil, r.typ, slices.Clone(r.members)
		return "use is a declaration of the same"
	}
	if len(t.members) > 0 {
		return d.editMembers(t.in, &t.members, t.keyword == "record", t.keyword == "record" || t.keyword == "variant")
	}
	if t.keyword == "type" {
		t.typ = d.typ(t.in, 2)
		return "alias of another type"
	}
	return ""
}

func remove[T comparable](list []T, one T) []T {
	return slices.DeleteFunc(slices.Clone(list), func(o T) bool { return o == one })
}

// moveType moves a type to another interface; the one that had it may use it
// from there.
func (d *draw) moveType(t *def) string {
	to := pick(d, d.all.named())
	if to == nil || to == t.in || t.keyword == "use" {
		return ""
	}
	was := t.in
	moved := *t
	moved.in = to
	to.types = append(to.types, &moved)
	t.keyword, t.from, t.members, t.typ, t.funcs = "use", &moved, nil, nil, nil
	if d.oneIn(2) || d.all.used(t) {
		return "type is elsewhere, and used from there"
	}
	was.types = remove(was.types, t)
	return "type is elsewhere"
}

func (d *draw) otherKind(t *def) string {
	switch t.keyword {
	case "enum":
		t.keyword = "variant"
		return "enum is a variant"
	case "record":
		var args []*typ
		for _, m := range t.members {
			args = append(args, m.typ)
		}
		t.keyword, t.typ, t.members = "type", &typ{keyword: "tuple", args: args}, nil
		return "record is a tuple"
	}
	return ""
}

// editMembers edits fields, cases, flags or parameters.
func (d *draw) editMembers(i *iface, list *[]member, always, typed bool) string {
	fresh := func() member {
		m := member{name: d.name("n")}
		if always || typed && d.oneIn(2) {
			m.typ = d.typ(i, 1)
		}
		return m
	}
	old := slices.Clone(*list)
	n := 0
	if len(old) > 0 {
		n = d.IntN(len(old))
	}
	switch d.IntN(6) {
	case 0:
		*list = slices.Concat(old, []member{fresh()})
		return "member at the end"
	case 1:
		*list = slices.Insert(old, n, fresh())
		return "member is new"
	case 2:
		if len(old) < 2 {
			return ""
		}
		*list = slices.Delete(old, n, n+1)
		return "member is gone"
	case 3:
		if len(old) == 0 {
			return ""
		}
		old[n].name = d.name("n")
		*list = old
		return "member has another name"
	case 4:
		if len(old) < 2 {
			return ""
		}
		old[0], old[len(old)-1] = old[len(old)-1], old[0]
		*list = old
		return "members are in another order"
	}
	if !typed || len(old) == 0 {
		return ""
	}
	old[n].typ = fresh().typ
	*list = old
	return "member is of another type"
}
