package binary

func (r *reader) importDef() *Import {
	return &Import{Offset: r.offset(), Name: r.externName(), Type: r.externType()}
}

// export takes an export of a component.
func (r *reader) export() *Export {
	e := &Export{Offset: r.offset(), Name: r.externName(), Ref: r.ref()}
	if r.flag("ascription") {
		e.Ascribed, e.Type = true, r.externType()
	}
	return e
}

// exportDecl takes an export of a component type or instance type.
func (r *reader) exportDecl() *Export {
	return &Export{Offset: r.offset(), Name: r.externName(), Ascribed: true, Type: r.externType()}
}

// externName takes a name, with attributes in its newest form.
func (r *reader) externName() Name {
	at := r.offset()
	form := r.byte()
	n := Name{Text: r.name()}
	switch form {
	case 0x00, 0x01: // once told plain names from interfaces
	case 0x02:
		r.list("attributes of a name", func() { r.nameAttribute(&n) })
	default:
		r.fail(at, "unknown form %#02x of a name", form)
	}
	return n
}

func (r *reader) nameAttribute(n *Name) {
	at := r.offset()
	kind := r.byte()
	field := [...]*string{&n.Implements, &n.VersionSuffix, &n.ExternalID}
	switch {
	case int(kind) >= len(field):
		r.fail(at, "unknown attribute %#02x of a name", kind)
	case *field[kind] != "":
		r.fail(at, "attribute %#02x of a name stands twice", kind)
	default:
		*field[kind] = r.name()
	}
}

func (r *reader) externType() ExternType {
	t := ExternType{Sort: r.plainSort()}
	switch t.Sort {
	case CoreSort:
		r.want(0x11, "sort of a core item")
	case TypeSort:
		if r.flag("bound of a type") {
			t.Resource = true
			return t
		}
	case ValueSort:
		if r.flag("bound of a value") {
			r.value()
			return t
		}
	}
	t.Index = r.u32()
	return t
}

// plainSort takes a sort, without what follows the sort of core items.
func (r *reader) plainSort() Sort {
	at := r.offset()
	s := Sort(r.byte())
	if s > InstanceSort {
		r.fail(at, "unknown sort %#02x", byte(s))
		return CoreSort
	}
	return s
}

// sort takes a sort. Which one of core WebAssembly it is does not matter.
func (r *reader) sort() Sort {
	s := r.plainSort()
	if s == CoreSort {
		r.byte()
	}
	return s
}

func (r *reader) ref() Ref { return Ref{r.sort(), r.u32()} }

func (r *reader) alias() *Alias {
	a := &Alias{Offset: r.offset(), Sort: r.sort()}
	at := r.offset()
	switch kind := r.byte(); kind {
	case 0x00, 0x01: // the export of a component instance, or of a core instance
		a.Instance = r.u32()
		a.Name = r.name()
		if kind == 0x01 && a.Sort != CoreSort {
			r.fail(at, "a core instance has no %s to alias", a.Sort)
		}
	case 0x02:
		a.Outer = true
		a.Count = r.u32()
		a.Index = r.u32()
	default:
		r.fail(at, "unknown kind %#02x of alias", kind)
	}
	return a
}

func (r *reader) instance() *Instance {
	i := &Instance{Offset: r.offset()}
	if i.Instantiate = !r.flag("instance"); i.Instantiate {
		i.Component = r.u32()
		r.list("arguments", func() { i.Args = append(i.Args, Arg{Name{Text: r.name()}, r.ref()}) })
		return i
	}
	r.list("exports", func() { i.Args = append(i.Args, Arg{r.externName(), r.ref()}) })
	return i
}
