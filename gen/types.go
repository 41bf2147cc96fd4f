package gen

import (
	"strconv"
	"strings"

	"github.com/witgen/witgen/gen/internal/printer"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// Import paths of what generated code calls.
const (
	rtPath  = "github.com/witgen/witgen/rt"
	abiPath = rtPath + "/abi"
	cmPath  = rtPath + "/cm"
)

// goType is a Go type as generated code writes it.
type goType struct {
	pkg    string // import path; empty for what Go declares
	name   string // "[]" for a slice, "map" for a map, "[n]" for an array, "*" for a pointer
	args   []goType
	length uint32 // of an array
}

func (g goType) code() printer.Code {
	args := make([]printer.Code, len(g.args))
	for i, a := range g.args {
		args[i] = a.code()
	}
	switch {
	case g.name == "[]":
		return args[0].Slice()
	case g.name == "*":
		return args[0].Pointer()
	case g.length > 0:
		return args[0].ArrayOf(g.length)
	case g.name == "map":
		return args[1].MapOf(args[0])
	case len(args) > 0:
		return printer.Qual(g.pkg, g.name).Of(args...)
	case g.pkg != "":
		return printer.Qual(g.pkg, g.name)
	}
	return printer.Name(g.name)
}

// String returns the type with whole import paths, which tells it from every
// other type.
func (g goType) String() string {
	switch {
	case g.name == "[]" || g.name == "*" || g.length > 0:
		return g.name + g.args[0].String()
	case g.name == "map":
		return "map[" + g.args[0].String() + "]" + g.args[1].String()
	}
	s := g.name
	if g.pkg != "" {
		s = g.pkg + "." + s
	}
	if len(g.args) == 0 {
		return s
	}
	args := make([]string, len(g.args))
	for i, a := range g.args {
		args[i] = a.String()
	}
	return s + "[" + strings.Join(args, ", ") + "]"
}

// kind says how the values of a type cross the boundary.
type kind uint8

const (
	primitive kind = iota
	bytes          // list<u8>
	numbers        // a list of integers or floats
	list
	array   // a list of a fixed length
	mapping // a map
	record
	tuple
	variant
	enum
	flags
	option
	result
	// outcome is the result of a function, which is (T, error) in Go.
	outcome
	handle
	stream
	future
	errorContext
)

var kindNames = [...]string{
	"primitive", "bytes", "numbers", "list", "array", "map", "record", "tuple", "variant", "enum", "flags",
	"option", "result", "outcome", "handle", "stream", "future", "error context",
}

// typ is a WIT type as the glue sees it: without aliases, laid out, and with
// its Go type. There is one typ for each type.
type typ struct {
	kind      kind
	primitive wit.Primitive // of a primitive, or of the elements of numbers
	decl      *decl         // of a record, variant, enum, flags or handle
	borrow    bool          // of a handle
	goType    goType
	text      string // as WIT writes it
	name      string // as names of functions have it, in the package of its decl

	layout.Layout        // in memory
	flat          int    // core values
	discriminant  uint32 // size in bytes, where there are cases

	// owns and borrows say which handles are in it. Sided is for those of
	// resources that the world exports: they mean one thing where an
	// interface is imported, and another where it is exported.
	owns, borrows, sided bool
	needs                needs // of a function whose type it is in

	// parts are the fields of a record or tuple, the cases of a variant, the
	// elem of an option, list or array, key and value of a map, or ok and err
	// of a result or outcome.
	parts []part
	entry layout.Layout // of a map's pair of key and value
}

// part is a value inside another.
type part struct {
	name   string // of the field, or of the case's type
	typ    *typ   // nil for a case without payload
	offset uint32 // in bytes
	slot   int    // among core values
}

// fallible reports whether lifting a value can fail once its bytes are read.
func (t *typ) fallible() bool {
	switch t.kind {
	case primitive:
		return t.primitive == wit.Char || t.primitive == wit.String
	case flags:
		return false
	case array, record, tuple:
		for _, p := range t.parts {
			if p.typ.fallible() {
				return true
			}
		}
		return false
	}
	return true
}

// counted reports whether a pointer and a number of elements stand for a value
// that has glue functions.
func (t *typ) counted() bool { return t.kind == list || t.kind == mapping }

// glued reports whether a type has glue functions of its own.
func (t *typ) glued() bool {
	switch t.kind {
	case primitive, bytes, numbers, handle:
		return false
	}
	return true
}

var goPrimitives = map[wit.Primitive]string{
	wit.Bool: "bool", wit.Char: "rune", wit.String: "string", wit.F32: "float32", wit.F64: "float64",
	wit.S8: "int8", wit.S16: "int16", wit.S32: "int32", wit.S64: "int64",
	wit.U8: "uint8", wit.U16: "uint16", wit.U32: "uint32", wit.U64: "uint64",
}

// number reports whether lists of a primitive are copied in one go.
func number(p wit.Primitive) bool {
	switch p {
	case wit.Bool, wit.Char, wit.String:
		return false
	}
	return true
}

// typer makes types of a plan's declarations.
type typer struct {
	decls    map[*wit.TypeDef]*decl
	packages map[string]*goPackage // by import path
	types    map[string]*typ
}

func newTyper(interfaces []*iface) *typer {
	ty := &typer{
		decls:    map[*wit.TypeDef]*decl{},
		packages: map[string]*goPackage{},
		types:    map[string]*typ{},
	}
	for _, i := range interfaces {
		ty.packages[i.pkg.path] = i.pkg
		for _, d := range i.decls {
			ty.decls[d.wit] = d
		}
	}
	return ty
}

// declared follows use to the declaration of a type.
func declared(d *wit.TypeDef) *wit.TypeDef {
	for {
		next, ok := d.Type.(*wit.TypeDef)
		if !ok || next.Owner == d.Owner {
			return d
		}
		d = next
	}
}

// goType returns the Go type of a WIT type. Aliases keep their names, unless
// they are to be resolved.
func (ty *typer) goType(t wit.Type, resolve bool) goType {
	arg := func(t wit.Type) goType {
		if t == nil {
			return goType{name: "struct{}"}
		}
		return ty.goType(t, resolve)
	}
	switch t := t.(type) {
	case wit.Primitive:
		if t == wit.ErrorContext {
			return pointerTo(goType{pkg: cmPath, name: "ErrorContext"})
		}
		return goType{name: goPrimitives[t]}
	case *wit.TypeDef:
		d := declared(t)
		if resolve {
			d = t.Root()
		}
		if decl := ty.decls[d]; !resolve || decl.kind != aliasDecl {
			return goType{pkg: decl.pkg.path, name: decl.name}
		}
		return ty.goType(d.Type, resolve)
	case *wit.Handle:
		return ty.goType(t.Resource, resolve)
	case *wit.Stream:
		return pointerTo(goType{pkg: cmPath, name: "Stream", args: []goType{octets(t.Elem, arg(t.Elem), resolve)}})
	case *wit.Future:
		return pointerTo(goType{pkg: cmPath, name: "Future", args: []goType{arg(t.Elem)}})
	case *wit.List:
		elem := octets(t.Elem, arg(t.Elem), resolve)
		if t.Fixed {
			return arrayOf(t.Len, elem)
		}
		return goType{name: "[]", args: []goType{elem}}
	case *wit.Map:
		return goType{name: "map", args: []goType{arg(t.Key), arg(t.Value)}}
	case *wit.Option:
		return goType{pkg: cmPath, name: "Option", args: []goType{arg(t.Elem)}}
	case *wit.Result:
		return goType{pkg: cmPath, name: "Result", args: []goType{arg(t.OK), arg(t.Err)}}
	case *wit.Tuple:
		g := goType{pkg: cmPath, name: "Tuple" + strconv.Itoa(len(t.Types))}
		for _, e := range t.Types {
			g.args = append(g.args, arg(e))
		}
		return g
	}
	return goType{name: "invalid"}
}

// of returns the type of values of a WIT type; nil for no type.
func (ty *typer) of(t wit.Type) *typ {
	if t == nil {
		return nil
	}
	g := ty.goType(t, true)
	key := g.String() + handles(t)
	if known, ok := ty.types[key]; ok {
		return known
	}
	n := &typ{
		goType: g, text: sourceText(t, true),
		Layout: layout.Of(t), flat: len(layout.Flat(t)), discriminant: layout.DiscriminantSize(t),
	}
	if d, ok := t.(*wit.TypeDef); ok {
		if decl := ty.decls[d.Root()]; decl.kind != aliasDecl {
			n.decl, n.name = decl, decl.name
		}
	}
	ty.describe(n, wit.Underlying(t))
	n.hold()
	ty.types[key] = n
	return n
}

// holds reports whether there is something in it that has no text.
func (t *typ) holds() bool { return t != nil && (t.owns || t.borrows || t.needs != 0) }

// hold notes what handles are in the parts, and what a function needs for them.
func (t *typ) hold() {
	for _, p := range t.parts {
		if p.typ != nil {
			t.owns, t.borrows, t.sided = t.owns || p.typ.owns, t.borrows || p.typ.borrows, t.sided || p.typ.sided
			t.needs |= p.typ.needs
		}
	}
}

// handles returns what tells types apart that are one in Go: which of the
// handles in it own and which borrow. Definitions tell by their names.
func handles(t wit.Type) string {
	switch t := wit.Underlying(t).(type) {
	case *wit.Handle:
		if t.Borrow {
			return " borrow"
		}
		return " own"
	case *wit.List:
		return handles(t.Elem)
	case *wit.Map:
		return handles(t.Value)
	case *wit.Option:
		return handles(t.Elem)
	case *wit.Result:
		return handles(t.OK) + handles(t.Err)
	case *wit.Tuple:
		s := ""
		for _, e := range t.Types {
			s += handles(e)
		}
		return s
	}
	return ""
}

// describe fills in what depends on the kind.
func (ty *typer) describe(n *typ, t wit.Type) {
	switch t := t.(type) {
	case wit.Primitive:
		n.kind, n.primitive, n.name = primitive, t, exportedName(t.String())
		if t == wit.ErrorContext {
			n.kind, n.needs = errorContext, needsErrorContext
		}
	case *wit.Record:
		n.kind = record
		var types []wit.Type
		for _, f := range t.Fields {
			types = append(types, f.Type)
		}
		n.parts = ty.sequence(types, n.decl.members)
	case *wit.Tuple:
		n.kind, n.name = tuple, "Tuple"+strconv.Itoa(len(t.Types))
		n.parts = ty.sequence(t.Types, nil)
		for i := range n.parts {
			n.parts[i].name = "F" + strconv.Itoa(i)
		}
	case *wit.Variant:
		n.kind = variant
		for i, c := range t.Cases {
			n.parts = append(n.parts, part{name: n.decl.members[i].name, typ: ty.of(c.Type)})
		}
		payloads(n, t)
	case *wit.Enum:
		n.kind = enum
	case *wit.Flags:
		n.kind = flags
	case *wit.Handle:
		n.kind, n.decl, n.borrow = handle, ty.decls[t.Resource.Root()], t.Borrow
		n.name = n.decl.name
		n.owns, n.borrows, n.sided = !t.Borrow, t.Borrow, n.decl.iface.exported
	case *wit.Option:
		n.kind, n.name = option, "Option"
		n.parts = []part{{typ: ty.of(t.Elem)}}
		payloads(n, t)
	case *wit.Result:
		n.kind, n.name = result, "Result"
		n.parts = []part{{typ: ty.of(t.OK)}, {typ: ty.of(t.Err)}}
		payloads(n, t)
	case *wit.Stream:
		n.kind, n.needs = stream, needsStream
	case *wit.Future:
		n.kind, n.needs = future, needsFuture
	case *wit.Map:
		ty.describeMap(n, t)
	case *wit.List:
		if t.Fixed {
			ty.describeArray(n, t)
			return
		}
		elem := ty.of(t.Elem)
		n.kind, n.name = list, "List"
		n.parts = []part{{typ: elem}}
		switch {
		case elem.kind != primitive:
		case elem.primitive == wit.U8:
			n.kind, n.name = bytes, "Bytes"
		case number(elem.primitive):
			n.kind, n.primitive = numbers, elem.primitive
		}
	}
}

// sequence returns the fields of a record or tuple.
func (ty *typer) sequence(types []wit.Type, names []member) []part {
	offsets, _ := layout.Sequence(types...)
	parts := make([]part, len(types))
	slot := 0
	for i, t := range types {
		parts[i] = part{typ: ty.of(t), offset: offsets[i], slot: slot}
		if names != nil {
			parts[i].name = names[i].name
		}
		slot += len(layout.Flat(t))
	}
	return parts
}

// payloads puts the parts of a type with cases behind its discriminant.
func payloads(n *typ, t wit.Type) {
	offset := layout.PayloadOffset(t)
	for i := range n.parts {
		n.parts[i].offset, n.parts[i].slot = offset, 1
	}
}

// outcome returns the type of a function's result.
func (ty *typer) outcome(r *wit.Result, text string, own *decl) *typ {
	n := &typ{
		kind: outcome, decl: own, text: text,
		Layout: layout.Of(r), flat: len(layout.Flat(r)), discriminant: 1,
		parts: []part{{typ: ty.of(r.OK)}, {typ: ty.of(r.Err)}},
	}
	payloads(n, r)
	n.hold()
	key := "outcome " + text
	for _, p := range n.parts {
		if p.typ != nil {
			key += " " + p.typ.goType.String()
		}
	}
	if own != nil {
		key += " error"
	}
	if known, ok := ty.types[key]; ok {
		return known
	}
	ty.types[key] = n
	return n
}
