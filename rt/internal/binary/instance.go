package binary

// instance takes a component instance. See Binary.md, "Instance Definitions".
func (r *reader) instance() *Instance {
	i := &Instance{At: At(r.offset())}
	switch kind := r.byte(); kind {
	case 0x00:
		i.Instantiate = true
		i.Component = r.u32()
		i.Args = vec(r, "instantiation arguments", maxArgs, (*reader).arg)
	case 0x01:
		i.Exports = vec(r, "inline exports", maxArgs, (*reader).inlineExport)
	default:
		r.failAt(i.Pos(), "unknown kind %#02x of instance", kind)
	}
	return i
}

func (r *reader) arg() Arg { return Arg{Name: r.name(), Ref: r.ref()} }

func (r *reader) inlineExport() InlineExport {
	return InlineExport{Name: r.externName(), Ref: r.ref()}
}

// ref takes a sort and an index ("sortidx").
func (r *reader) ref() Ref {
	sort, core := r.sort()
	return Ref{Sort: sort, Core: core, Idx: r.u32()}
}

// sort takes a sort; the second result is meant when it is SortCore.
func (r *reader) sort() (Sort, CoreSort) {
	at := r.offset()
	switch s := Sort(r.byte()); s {
	case SortCore:
		return s, r.coreSort()
	case SortFunc, SortValue, SortType, SortComponent, SortInstance:
		return s, 0
	default:
		r.failAt(at, "unknown sort %#02x", uint8(s))
		return 0, 0
	}
}
