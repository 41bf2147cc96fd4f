package printer

import "github.com/dave/jennifer/jen"

// Field is a field of a struct.
type Field struct {
	Doc  Comment
	Name string
	Type Code
	Note string // the comment after it
}

// Struct returns the declaration of a struct type. Fields with documentation
// stand apart. An unexported field after exported ones does too.
func Struct(doc Comment, name string, fields ...Field) Code {
	return Code{doc.lead(jen.Type().Id(name).StructFunc(func(g *jen.Group) {
		for i, f := range fields {
			if i > 0 && apart(fields[i-1], f) {
				g.Line()
			}
			s := jen.Id(f.Name).Add(f.Type.s)
			if f.Note != "" {
				s.Comment(mark(f.Note))
			}
			g.Add(f.Doc.lead(s))
		}
	}))}
}

func apart(before, f Field) bool {
	return len(before.Doc) > 0 || len(f.Doc) > 0 || exported(before.Name) && !exported(f.Name)
}

func exported(name string) bool { return name[0] >= 'A' && name[0] <= 'Z' }

// ShortStruct returns the declaration of a struct type with at most one field,
// on one line.
func ShortStruct(doc Comment, name string, fields ...Field) Code {
	var in []jen.Code
	for _, f := range fields {
		in = append(in, jen.Id(f.Name).Add(f.Type.s))
	}
	body := jen.Custom(jen.Options{Open: "struct{", Close: "}", Separator: ";"}, in...)
	return Code{doc.lead(jen.Type().Id(name).Add(body))}
}

// Interface returns the declaration of an interface type. Methods with
// documentation stand apart.
func Interface(doc Comment, name string, embedded []Code, methods ...Func) Code {
	return Code{doc.lead(jen.Type().Id(name).InterfaceFunc(func(g *jen.Group) {
		for _, e := range embedded {
			g.Add(e.s)
		}
		for i, m := range methods {
			if len(m.Doc) > 0 && (i > 0 || len(embedded) > 0) {
				g.Line()
			}
			g.Add(m.Doc.lead(m.signature()))
		}
	}))}
}

// InterfaceType returns an interface type of methods, on one line.
func InterfaceType(methods ...Func) Code {
	list := make([]jen.Code, len(methods))
	for i, m := range methods {
		list[i] = m.signature()
	}
	return Code{jen.Interface(list...)}
}

// Defined returns the declaration of a type of its own.
func Defined(doc Comment, name string, t Code) Code {
	return Code{doc.lead(jen.Type().Id(name).Add(t.s))}
}

// Alias returns the declaration of another name for a type.
func Alias(doc Comment, name string, t Code) Code {
	return Code{doc.lead(jen.Type().Id(name).Op("=").Add(t.s))}
}

// Const is a constant of a group.
type Const struct {
	Doc   Comment
	Name  string
	Type  Code
	Value Code // none repeats the one before
}

// Consts returns a group of constants. Those with documentation stand apart.
func Consts(doc Comment, consts ...Const) Code {
	return Code{doc.lead(jen.Const().DefsFunc(func(g *jen.Group) {
		for i, c := range consts {
			if i > 0 && (len(consts[i-1].Doc) > 0 || len(c.Doc) > 0) {
				g.Line()
			}
			s := jen.Id(c.Name)
			if c.Value.s != nil {
				s.Add(c.Type.tokens()).Op("=").Add(c.Value.s)
			}
			g.Add(c.Doc.lead(s))
		}
	}))}
}

// Use returns a constant without a name, which exists as long as value does.
func Use(value Code) Code { return Code{jen.Const().Id("_").Op("=").Add(value.s)} }

// Var returns a variable. Its type, if there is one, comes before the value.
func Var(doc Comment, name string, t, value Code) Code {
	return Code{doc.lead(jen.Var().Id(name).Add(t.tokens()).Op("=").Add(value.s))}
}

// Param is a parameter or result. Those without names have none in a list.
type Param struct {
	Name string
	Type Code
	// Same says that the next parameter has the same type, which is then
	// written once.
	Same bool
}

// Func is a function or method.
type Func struct {
	Doc     Comment
	Recv    Param // of a method
	Name    string
	Params  []Param
	Results []Param
	Body    []Code
	Short   bool // the body goes on the line of the name
}

// Code returns the declaration.
func (f Func) Code() Code {
	s := jen.Func()
	if f.Recv.Type.s != nil {
		s.Params(params([]Param{f.Recv})...)
	}
	s.Add(f.signature())
	switch {
	case len(f.Body) == 0:
		s.Op("{}")
	case f.Short:
		s.Custom(jen.Options{Open: "{ ", Close: " }", Separator: "; "}, all(f.Body)...)
	default:
		s.Block(all(f.Body)...)
	}
	return Code{f.Doc.lead(s)}
}

// Literal returns the function without a name, on one line.
func (f Func) Literal() Code {
	s := jen.Func().Add(f.signature())
	return Code{s.Custom(jen.Options{Open: "{ ", Close: " }", Separator: "; "}, all(f.Body)...)}
}

// Type returns the type of the function.
func (f Func) Type() Code { return Code{jen.Func().Add(f.signature())} }

// Together returns declarations that stand on consecutive lines.
func Together(decls ...Code) Code {
	s := &jen.Statement{}
	for i, d := range decls {
		if i > 0 {
			s.Line()
		}
		s.Add(d.s)
	}
	return Code{s}
}

func (f Func) signature() *jen.Statement {
	s := &jen.Statement{}
	if f.Name != "" {
		s.Id(f.Name)
	}
	s.Params(params(f.Params)...)
	switch {
	case len(f.Results) == 0:
		return s
	case len(f.Results) == 1 && f.Results[0].Name == "":
		return s.Add(f.Results[0].Type.s)
	}
	return s.Params(params(f.Results)...)
}

func params(list []Param) []jen.Code {
	out := make([]jen.Code, len(list))
	for i, p := range list {
		switch {
		case p.Name == "":
			out[i] = p.Type.s
		case p.Same:
			out[i] = jen.Id(p.Name)
		default:
			out[i] = jen.Id(p.Name).Add(p.Type.s)
		}
	}
	return out
}
