package binary

// decls takes the declarations of a component type or an instance type.
func (r *reader) decls(component bool) []Decl {
	r.enter()
	defer r.leave()
	var decls []Decl
	for range r.count("declarations", maxNodes) {
		decls = r.decl(decls, component)
		if r.err != nil {
			return nil
		}
	}
	return decls
}

// decl takes a componentdecl or an instancedecl and appends what it declares.
func (r *reader) decl(decls []Decl, component bool) []Decl {
	r.node()
	at := r.offset()
	switch kind := r.byte(); {
	case kind == 0x00:
		for _, t := range r.coreTypes() {
			decls = append(decls, t)
		}
		return decls
	case kind == 0x01:
		return append(decls, r.typeDef())
	case kind == 0x02:
		return append(decls, r.alias())
	case kind == 0x03 && component:
		return append(decls, &ImportDecl{At: At(at), Name: r.externName(), Type: r.externType()})
	case kind == 0x04:
		return append(decls, &ExportDecl{At: At(at), Name: r.externName(), Type: r.externType()})
	default:
		of := "an instance type"
		if component {
			of = "a component type"
		}
		r.failAt(at, "unknown kind %#02x of declaration in %s", kind, of)
		return decls
	}
}
