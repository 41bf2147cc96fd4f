package binary

// alias takes an alias. See Binary.md, "Alias Definitions".
func (r *reader) alias() *Alias {
	a := &Alias{At: At(r.offset())}
	a.Sort, a.Core = r.sort()
	at := r.offset()
	switch a.Kind = AliasKind(r.byte()); a.Kind {
	case AliasExport, AliasCoreExport:
		a.Instance = r.u32()
		a.Name = r.name()
	case AliasOuter:
		if !outerAliasSort(a.Sort, a.Core) {
			r.failAt(a.Pos(), "outer alias of sort %s", sortName(a.Sort, a.Core))
		}
		a.Count = r.u32()
		a.Idx = r.u32()
	default:
		r.failAt(at, "unknown kind %#02x of alias", uint8(a.Kind))
	}
	return a
}

// outerAliasSort reports whether an outer alias may have the sort
// ("outeraliassort"): definitions that hold no state of an instance.
func outerAliasSort(s Sort, core CoreSort) bool {
	switch s {
	case SortCore:
		return core == CoreModSort || core == CoreTypeSort
	case SortType, SortComponent:
		return true
	}
	return false
}
