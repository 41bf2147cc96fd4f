package binary

// The section ids of a component.
const (
	sectionCustom       = 0
	sectionCoreModule   = 1
	sectionCoreInstance = 2
	sectionCoreType     = 3
	sectionComponent    = 4
	sectionInstance     = 5
	sectionAlias        = 6
	sectionType         = 7
	sectionCanon        = 8
	sectionStart        = 9
	sectionImport       = 10
	sectionExport       = 11
	sectionValue        = 12
)

var componentSections = [...]string{
	sectionCustom:       "custom (0)",
	sectionCoreModule:   "core module (1)",
	sectionCoreInstance: "core instance (2)",
	sectionCoreType:     "core type (3)",
	sectionComponent:    "component (4)",
	sectionInstance:     "instance (5)",
	sectionAlias:        "alias (6)",
	sectionType:         "type (7)",
	sectionCanon:        "canon (8)",
	sectionStart:        "start (9)",
	sectionImport:       "import (10)",
	sectionExport:       "export (11)",
	sectionValue:        "value (12)",
}

func componentSection(id byte) string {
	if int(id) < len(componentSections) {
		return componentSections[id]
	}
	return ""
}

// Decode reads a component. The tree shares wasm, which must not change
// afterwards. The error is a [*NotComponentError] when wasm is something else
// from its first bytes, else an [*Error].
//
// See Binary.md, "Component Definitions".
func Decode(wasm []byte) (*Component, error) {
	if err := checkFile(wasm); err != nil {
		return nil, err
	}
	r := newReader(wasm)
	c := r.component()
	if r.err != nil {
		return nil, r.err
	}
	return c, nil
}

// component takes a component, to the end of the window.
func (r *reader) component() *Component {
	r.enter()
	defer r.leave()
	b := builder{c: &Component{Offset: r.offset(), Size: r.remaining()}}
	r.preamble(componentPreamble, "component")
	for r.more() {
		id, s := r.nextSection(componentSection)
		if r.err == nil {
			b.section(id, s)
			s.end()
		}
	}
	return b.c
}

// builder collects the definitions of a component.
type builder struct {
	c                                      *Component
	modules, components, instances, values int
}

// section takes the contents of one section and adds what it defines.
func (b *builder) section(id byte, r *reader) {
	switch id {
	case sectionCustom:
		at := At(r.offset())
		custom := Custom{At: at, Name: r.name(), Data: r.bytes(uint32(r.remaining()))}
		b.c.Custom = push(b.c.Custom, custom, unknown)
	case sectionCoreModule:
		b.add(r, r.coreModule())
	case sectionCoreInstance:
		b.vec(r, "core instances", func(r *reader) Def { return r.coreInstance() })
	case sectionCoreType:
		for range r.count("core types", maxNodes) {
			for _, t := range r.coreTypes() {
				b.add(r, t)
			}
			if r.err != nil {
				return
			}
		}
	case sectionComponent:
		b.add(r, &Nested{At: At(r.offset()), Component: r.component()})
	case sectionInstance:
		b.vec(r, "instances", func(r *reader) Def { return r.instance() })
	case sectionAlias:
		b.vec(r, "aliases", func(r *reader) Def { return r.alias() })
	case sectionType:
		b.vec(r, "types", func(r *reader) Def { return r.typeDef() })
	case sectionCanon:
		b.vec(r, "canonical definitions", func(r *reader) Def { return r.canon() })
	case sectionStart:
		b.add(r, r.start())
	case sectionImport:
		b.vec(r, "imports", func(r *reader) Def { return r.importDef() })
	case sectionExport:
		b.vec(r, "exports", func(r *reader) Def { return r.exportDef() })
	case sectionValue:
		b.vec(r, "values", func(r *reader) Def { return r.value() })
	}
}

// vec adds a vector of definitions.
func (b *builder) vec(r *reader, what string, def func(*reader) Def) {
	for range r.count(what, maxNodes) {
		b.add(r, def(r))
		if r.err != nil {
			return
		}
	}
}

// add adds a definition, unless reading it failed.
func (b *builder) add(r *reader, d Def) {
	r.node()
	switch d.(type) {
	case *CoreModule:
		r.tally(&b.modules, "core modules")
	case *Nested:
		r.tally(&b.components, "nested components")
	case *CoreInstance, *Instance:
		r.tally(&b.instances, "instances")
	case *Value:
		r.tally(&b.values, "values")
	}
	if r.err == nil {
		b.c.Defs = push(b.c.Defs, d, unknown)
	}
}
