package binary

// importDef takes an import. See Binary.md, "Import and Export Definitions".
func (r *reader) importDef() *Import {
	return &Import{At: At(r.offset()), Name: r.externName(), Type: r.externType()}
}

// exportDef takes an export.
func (r *reader) exportDef() *Export {
	return &Export{
		At:   At(r.offset()),
		Name: r.externName(),
		Ref:  r.ref(),
		Type: optional(r, "presence of an ascribed type", (*reader).externType),
	}
}

// externName takes a name with its attributes ("nameattributes").
func (r *reader) externName() Name {
	at := r.offset()
	form := r.byte()
	if form > 0x02 {
		r.failAt(at, "unknown form %#02x of name", form)
	}
	n := Name{Name: r.name()}
	if form == 0x02 {
		for range r.count("attributes of a name", maxAttrs) {
			r.attribute(&n)
		}
	}
	return n
}

// attribute takes one attribute of a name.
func (r *reader) attribute(n *Name) {
	at := r.offset()
	var attr **string
	switch kind := r.byte(); kind {
	case 0x00:
		attr = &n.Implements
	case 0x01:
		attr = &n.VersionSuffix
	case 0x02:
		attr = &n.ExternalID
	default:
		r.failAt(at, "unknown attribute %#02x of name", kind)
		return
	}
	if *attr != nil {
		n.Repeated = true
	}
	v := r.name()
	*attr = &v
}

// externType takes an externtype.
func (r *reader) externType() ExternType {
	at := r.offset()
	switch s := Sort(r.byte()); s {
	case SortCore:
		r.want(byte(CoreModSort), "core sort of an extern type")
		return ExternType{Sort: s, Idx: r.u32()}
	case SortFunc, SortComponent, SortInstance:
		return ExternType{Sort: s, Idx: r.u32()}
	case SortValue:
		if r.flag("value bound") {
			return ExternType{Sort: s, Sub: true, Val: r.valType()}
		}
		return ExternType{Sort: s, Idx: r.u32()}
	case SortType:
		if r.flag("type bound") {
			return ExternType{Sort: s, Sub: true}
		}
		return ExternType{Sort: s, Idx: r.u32()}
	default:
		r.failAt(at, "unknown kind %#02x of extern type", uint8(s))
		return ExternType{}
	}
}
