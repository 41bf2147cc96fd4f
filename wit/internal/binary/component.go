package binary

import "bytes"

// The ids of the sections that are read.
const (
	sectionCustom    = 0
	sectionComponent = 4
	sectionInstance  = 5
	sectionAlias     = 6
	sectionType      = 7
	sectionCanon     = 8
	sectionImport    = 10
	sectionExport    = 11
	lastSection      = 12
)

// docsSection is the name of the custom section that documents a package.
const docsSection = "package-docs"

var (
	magic             = []byte("\x00asm")
	componentPreamble = []byte("\x00asm\x0d\x00\x01\x00")
	modulePreamble    = []byte("\x00asm\x01\x00\x00\x00")
)

// Decode reads a component. The tree shares the bytes, which must not change
// as long as it is used. The error is an [*Error].
func Decode(wasm []byte) (*Component, error) {
	r := &reader{state: &state{}, data: wasm}
	c := r.component()
	if r.err != nil {
		return nil, r.err
	}
	return c, nil
}

// component takes a component, which ends with what is read.
func (r *reader) component() *Component {
	defer r.enter()()
	c := &Component{Offset: r.offset()}
	r.preamble()
	for r.more() {
		at := r.offset()
		id := r.byte()
		size := r.u32()
		s := &reader{state: r.state, base: r.offset()}
		s.data = r.bytes(size)
		if id > lastSection {
			r.fail(at, "unknown section %d", id)
		}
		if s.section(c, id) && s.more() {
			s.fail(s.offset(), "%d bytes behind the end of the section", len(s.data)-s.pos)
		}
	}
	return c
}

func (r *reader) preamble() {
	at := r.offset()
	head := r.data[:min(len(r.data), len(componentPreamble))]
	switch {
	case bytes.Equal(head, componentPreamble):
		r.pos = len(head)
	case bytes.Equal(head, modulePreamble):
		r.fail(at, "a core module, where a component is wanted")
	case !bytes.HasPrefix(head, magic):
		r.fail(at, "no component: it does not begin with \\0asm")
	default:
		r.fail(at, "no component: unknown version % x", head[len(magic):])
	}
}

// section takes the contents of a section, and reports false for what it
// passes over.
func (r *reader) section(c *Component, id byte) bool {
	if r.err != nil {
		return false
	}
	add := func(d Def) { c.Defs = append(c.Defs, d) }
	switch id {
	case sectionCustom:
		if r.name() == docsSection {
			c.Docs = append(c.Docs, Custom{r.offset(), r.data[r.pos:]})
		}
		return false
	case sectionComponent:
		add(r.component())
	case sectionInstance:
		r.list("instances", func() { add(r.instance()) })
	case sectionAlias:
		r.list("aliases", func() {
			if a := r.alias(); a.Sort != CoreSort {
				add(a)
			}
		})
	case sectionType:
		r.list("types", func() { add(r.typ()) })
	case sectionCanon:
		r.list("canonical definitions", func() {
			if f := r.canon(); f != nil {
				add(f)
			}
		})
	case sectionImport:
		r.list("imports", func() { add(r.importDef()) })
	case sectionExport:
		r.list("exports", func() { add(r.export()) })
	default:
		return false
	}
	return true
}
