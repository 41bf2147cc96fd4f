package wit

// def returns the index of a named type, which is in the list after those that
// it refers to.
func (j *jsonModel) def(d *TypeDef) int {
	if n, ok := j.types[d]; ok {
		return n
	}
	o := jsonObject{{"name", d.Name}, {"kind", j.kind(d.Type)}}
	owner := jsonObject{{"world", j.worlds[d.Owner.World]}}
	if i := d.Owner.Interface; i != nil {
		owner = jsonObject{{"interface", j.interfaces[i]}}
	}
	o.add("owner", owner)
	j.docs(&o, d.Docs, d.Pos)
	stability(&o, d.Stability)
	externalIDOf(&o, d.ExternalID)
	j.types[d] = len(j.typeList)
	j.typeList = append(j.typeList, o)
	return j.types[d]
}

// typ returns a type where it is used: the name of one without parts, else an
// index; nil for none.
func (j *jsonModel) typ(t Type) any {
	switch t := t.(type) {
	case nil:
		return nil
	case Primitive:
		return t.String()
	case *TypeDef:
		return j.def(t)
	}
	kind := j.kind(t)
	key := anonymousType{j.pkgIndex, string(encodeJSON(kind))}
	n, ok := j.anonymous[key]
	if !ok {
		n = len(j.typeList)
		j.anonymous[key] = n
		j.typeList = append(j.typeList, jsonObject{{"name", nil}, {"kind", kind}, {"owner", nil}})
	}
	return n
}

// kind returns what a type is.
func (j *jsonModel) kind(t Type) any {
	switch t := t.(type) {
	case *Resource:
		return "resource"
	case *Record:
		fields := jsonArray{}
		for _, f := range t.Fields {
			fields = append(fields, j.member(f.Name, f.Docs, f.Pos, jsonMember{"type", j.typ(f.Type)}))
		}
		return jsonObject{{"record", jsonObject{{"fields", fields}}}}
	case *Variant:
		cases := jsonArray{}
		for _, c := range t.Cases {
			cases = append(cases, j.member(c.Name, c.Docs, c.Pos, jsonMember{"type", j.typ(c.Type)}))
		}
		return jsonObject{{"variant", jsonObject{{"cases", cases}}}}
	case *Enum:
		return jsonObject{{"enum", jsonObject{{"cases", j.labels(t.Cases)}}}}
	case *Flags:
		return jsonObject{{"flags", jsonObject{{"flags", j.labels(t.Flags)}}}}
	case *Tuple:
		types := jsonArray{}
		for _, e := range t.Types {
			types = append(types, j.typ(e))
		}
		return jsonObject{{"tuple", jsonObject{{"types", types}}}}
	case *Option:
		return jsonObject{{"option", j.typ(t.Elem)}}
	case *Result:
		return jsonObject{{"result", jsonObject{{"ok", j.typ(t.OK)}, {"err", j.typ(t.Err)}}}}
	case *List:
		if t.Fixed {
			return jsonObject{{"fixed-length-list", jsonArray{j.typ(t.Elem), int(t.Len)}}}
		}
		return jsonObject{{"list", j.typ(t.Elem)}}
	case *Map:
		return jsonObject{{"map", jsonArray{j.typ(t.Key), j.typ(t.Value)}}}
	case *Stream:
		return jsonObject{{"stream", j.typ(t.Elem)}}
	case *Future:
		return jsonObject{{"future", j.typ(t.Elem)}}
	case *Handle:
		kind := "own"
		if t.Borrow {
			kind = "borrow"
		}
		return jsonObject{{"handle", jsonObject{{kind, j.def(t.Resource)}}}}
	}
	return jsonObject{{"type", j.typ(t)}}
}

func (j *jsonModel) member(name string, d Docs, at Pos, rest ...jsonMember) jsonObject {
	o := append(jsonObject{{"name", name}}, rest...)
	j.docs(&o, d, at)
	return o
}

func (j *jsonModel) labels(labels []Label) jsonArray {
	list := jsonArray{}
	for _, l := range labels {
		list = append(list, j.member(l.Name, l.Docs, l.Pos))
	}
	return list
}
