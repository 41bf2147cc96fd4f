package wit

import "strconv"

// JSON returns what was loaded with a package, itself included, in the form in
// which wasm-tools prints it with "component wit --json": lists of worlds,
// interfaces, types and packages, whose parts refer to one another by index.
// Types without a name are in their list, too, once for each package.
//
// As it is there, documentation is all comments before an item, those that
// begin with // included.
func JSON(p *Package) []byte {
	all := append(append([]*Package(nil), p.Deps...), p)
	var comments map[Pos]Docs
	if p.origin != nil {
		all, comments = p.origin.packages, p.origin.comments
	}
	j := &jsonModel{
		comments:   comments,
		packages:   make(map[PackageName]int),
		interfaces: make(map[*Interface]int),
		worlds:     make(map[*World]int),
		types:      make(map[*TypeDef]int),
		anonymous:  make(map[anonymousType]int),
	}
	for n, q := range all {
		j.packages[q.Name] = n
		for _, i := range q.Interfaces {
			j.addInterface(i)
		}
		for _, w := range q.Worlds {
			j.worlds[w] = len(j.worlds)
			for _, item := range append(w.Imports[:len(w.Imports):len(w.Imports)], w.Exports...) {
				if i := item.Interface; i != nil && i.Name == "" {
					j.addInterface(i)
				}
			}
		}
	}
	var interfaces, worlds, packages jsonArray
	for _, i := range j.order {
		interfaces = append(interfaces, j.iface(i))
	}
	for _, q := range all {
		for _, w := range q.Worlds {
			worlds = append(worlds, j.world(w))
		}
		packages = append(packages, j.pkg(q))
	}
	return encodeJSON(jsonObject{
		{"worlds", worlds}, {"interfaces", interfaces}, {"types", j.typeList}, {"packages", packages},
	})
}

// jsonModel gives indices to what is in a model.
type jsonModel struct {
	comments   map[Pos]Docs
	packages   map[PackageName]int
	interfaces map[*Interface]int
	order      []*Interface
	worlds     map[*World]int
	types      map[*TypeDef]int
	anonymous  map[anonymousType]int
	typeList   jsonArray
	pkgIndex   int // of the package that types without a name are for
}

// anonymousType is a type without a name: its package and its JSON.
type anonymousType struct {
	pkg  int
	kind string
}

func (j *jsonModel) addInterface(i *Interface) {
	j.interfaces[i] = len(j.interfaces)
	j.order = append(j.order, i)
}

func (j *jsonModel) pkg(p *Package) jsonObject {
	var interfaces, worlds jsonObject
	for _, i := range p.Interfaces {
		interfaces.add(i.Name, j.interfaces[i])
	}
	for _, w := range p.Worlds {
		worlds.add(w.Name, j.worlds[w])
	}
	o := jsonObject{{"name", p.Name.String()}}
	j.docs(&o, p.Docs, p.Pos)
	o.add("interfaces", interfaces)
	o.add("worlds", worlds)
	return o
}

func (j *jsonModel) iface(i *Interface) jsonObject {
	j.pkgIndex = j.packages[i.Package.Name]
	var types, funcs jsonObject
	for _, d := range i.Types {
		types.add(d.Name, j.def(d))
	}
	for _, f := range i.Funcs {
		funcs.add(f.Name, j.function(f))
	}
	o := jsonObject{{"name", nil}}
	if i.Name != "" {
		o[0].value = i.Name
	}
	o.add("types", types)
	o.add("functions", funcs)
	j.docs(&o, i.Docs, i.Pos)
	stability(&o, i.Stability)
	o.add("package", j.pkgIndex)
	return o
}

func (j *jsonModel) world(w *World) jsonObject {
	j.pkgIndex = j.packages[w.Package.Name]
	o := jsonObject{{"name", w.Name}, {"imports", j.items(w.Imports)}, {"exports", j.items(w.Exports)}}
	o.add("package", j.pkgIndex)
	j.docs(&o, w.Docs, w.Pos)
	stability(&o, w.Stability)
	return o
}

// items returns the imports or exports of a world. An interface that goes by
// its ID has its index for a key.
func (j *jsonModel) items(items []*WorldItem) jsonObject {
	var o jsonObject
	for _, item := range items {
		key := item.Label
		var value jsonObject
		switch {
		case item.Func != nil:
			value.add("function", j.function(item.Func))
		case item.Type != nil:
			value.add("type", j.def(item.Type))
		default:
			index := j.interfaces[item.Interface]
			if key == "" {
				key = "interface-" + strconv.Itoa(index)
			}
			about := jsonObject{{"id", index}}
			if item.Interface.Name != "" {
				j.docs(&about, item.Docs, item.Pos)
			}
			stability(&about, item.Stability)
			externalIDOf(&about, item.ExternalID)
			value.add("interface", about)
		}
		o.add(key, value)
	}
	return o
}

func (j *jsonModel) function(f *Func) jsonObject {
	kind := [...]string{"freestanding", "constructor", "method", "static"}[f.Kind]
	if f.Async {
		kind = "async-" + kind
	}
	o := jsonObject{{"name", f.Name}, {"kind", kind}}
	if f.Resource != nil {
		o[1].value = jsonObject{{kind, j.def(f.Resource)}}
	}
	params := jsonArray{}
	for _, p := range f.Params {
		params = append(params, jsonObject{{"name", p.Name}, {"type", j.typ(p.Type)}})
	}
	o.add("params", params)
	if f.Result != nil {
		o.add("result", j.typ(f.Result))
	}
	j.docs(&o, f.Docs, f.Pos)
	stability(&o, f.Stability)
	externalIDOf(&o, f.ExternalID)
	return o
}

func (j *jsonModel) docs(o *jsonObject, d Docs, at Pos) {
	if all, ok := j.comments[at]; ok {
		d = all
	}
	if d != "" {
		o.add("docs", jsonObject{{"contents", string(d)}})
	}
}

func stability(o *jsonObject, s Stability) {
	var about jsonObject
	key := "unstable"
	switch {
	case s.Since != "":
		key = "stable"
		about.add("since", s.Since)
	case s.Feature != "":
		about.add("feature", s.Feature)
	default:
		return
	}
	if s.Deprecated != "" {
		about.add("deprecated", s.Deprecated)
	}
	o.add("stability", jsonObject{{key, about}})
}

func externalIDOf(o *jsonObject, id string) {
	if id != "" {
		o.add("external_id", id)
	}
}
