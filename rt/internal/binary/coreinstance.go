package binary

// coreModule takes an embedded core module, to the end of the window.
func (r *reader) coreModule() *CoreModule {
	at := At(r.offset())
	m := &CoreModule{At: at, Bytes: r.buf[r.pos:], Module: r.module()}
	return m
}

// coreInstance takes a core instance. See Binary.md, "Instance Definitions".
func (r *reader) coreInstance() *CoreInstance {
	i := &CoreInstance{At: At(r.offset())}
	switch kind := r.byte(); kind {
	case 0x00:
		i.Instantiate = true
		i.Module = r.u32()
		i.Args = vec(r, "instantiation arguments", maxArgs, (*reader).coreArg)
	case 0x01:
		i.Exports = vec(r, "inline exports", maxArgs, (*reader).coreExport)
	default:
		r.failAt(i.Pos(), "unknown kind %#02x of core instance", kind)
	}
	return i
}

func (r *reader) coreArg() CoreArg {
	a := CoreArg{Name: r.name()}
	r.want(byte(CoreInstSort), "sort of a core instantiation argument")
	a.Instance = r.u32()
	return a
}

func (r *reader) coreExport() CoreExport {
	return CoreExport{Name: r.name(), Sort: r.coreSort(), Idx: r.u32()}
}

func (r *reader) coreSort() CoreSort {
	at := r.offset()
	switch s := CoreSort(r.byte()); s {
	case CoreFunc, CoreTable, CoreMemory, CoreGlobal, CoreTag, CoreTypeSort, CoreModSort, CoreInstSort:
		return s
	default:
		r.failAt(at, "unknown core sort %#02x", uint8(s))
		return 0
	}
}
