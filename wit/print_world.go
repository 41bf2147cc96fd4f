package wit

// world writes a world after its attributes: imports, with types among them,
// and exports.
func (p *printer) world(w *World) {
	head := "world " + escape(w.Name)
	if len(w.Imports)+len(w.Exports) == 0 {
		p.line(head + " {}")
		p.before = loneEntry
		return
	}
	p.open(head)
	funcs := worldFuncs(w)
	for items := w.Imports; len(items) > 0; {
		switch item := items[0]; {
		case item.Type != nil && usedFrom(item.Type) != nil:
			items = items[p.used(usedTypes(items)):]
			continue
		case item.Type != nil:
			p.typeDef(item.Type, funcs[item.Type])
		case item.Func == nil || item.Func.Kind == Freestanding:
			p.extern("import", importEntry, item)
		}
		items = items[1:]
	}
	for _, item := range w.Exports {
		p.extern("export", exportEntry, item)
	}
	p.close()
}

// worldFuncs returns the functions of each resource that the world declares.
func worldFuncs(w *World) map[*TypeDef][]*Func {
	funcs := make(map[*TypeDef][]*Func)
	for _, item := range w.Imports {
		if item.Func != nil && item.Func.Resource != nil {
			funcs[item.Func.Resource] = append(funcs[item.Func.Resource], item.Func)
		}
	}
	return funcs
}

// usedTypes returns the used types at the beginning of a list of items.
func usedTypes(items []*WorldItem) []*TypeDef {
	var types []*TypeDef
	for _, item := range items {
		if item.Type == nil || usedFrom(item.Type) == nil {
			break
		}
		types = append(types, item.Type)
	}
	return types
}

// extern writes an import or export that is no type.
func (p *printer) extern(verb string, k entryKind, item *WorldItem) {
	inline := item.Interface != nil && item.Interface.Name == ""
	if inline || !plain(item.Docs, item.Stability, item.ExternalID) {
		k = loneEntry
	}
	p.entry(k)
	p.docs(item.Docs)
	p.gates(item.Stability, item.ExternalID)
	head := verb + " "
	if item.Label != "" {
		head += escape(item.Label) + ": "
	}
	switch {
	case item.Func != nil:
		p.line(head + p.signature(item.Func) + ";")
	case inline:
		p.body(head+"interface", item.Interface)
	default:
		p.line(head + p.path(item.Interface) + ";")
	}
}
