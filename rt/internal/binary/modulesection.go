package binary

// moduleSections gives each section of a core module its name and its place
// in the order that the format prescribes.
var moduleSections = [...]struct {
	name string
	rank int
}{
	ModuleCustom:    {"custom (0) of a core module", 0},
	ModuleType:      {"type (1) of a core module", 1},
	ModuleImport:    {"import (2) of a core module", 2},
	ModuleFunction:  {"function (3) of a core module", 3},
	ModuleTable:     {"table (4) of a core module", 4},
	ModuleMemory:    {"memory (5) of a core module", 5},
	ModuleTag:       {"tag (13) of a core module", 6},
	ModuleGlobal:    {"global (6) of a core module", 7},
	ModuleExport:    {"export (7) of a core module", 8},
	ModuleStart:     {"start (8) of a core module", 9},
	ModuleElement:   {"element (9) of a core module", 10},
	ModuleDataCount: {"data count (12) of a core module", 11},
	ModuleCode:      {"code (10) of a core module", 12},
	ModuleData:      {"data (11) of a core module", 13},
}

func moduleSection(id byte) string {
	if int(id) < len(moduleSections) {
		return moduleSections[id].name
	}
	return ""
}

// DecodeModule reads a core module. Positions are offsets in wasm, which the
// result shares. Function bodies, element and data segments are not looked
// into. The error is an [*Error].
//
// See "Modules" in the core specification's binary format.
func DecodeModule(wasm []byte) (*Module, error) {
	r := newReader(wasm)
	m := r.module()
	if r.err != nil {
		return nil, r.err
	}
	return m, nil
}

// module takes a core module, to the end of the window.
func (r *reader) module() *Module {
	m := &Module{}
	start := r.pos
	r.preamble(modulePreamble, "core module")
	for last := 0; r.more(); {
		at := r.pos
		id, s := r.nextSection(moduleSection)
		if r.err != nil {
			break
		}
		if rank := moduleSections[id].rank; rank > 0 {
			if rank <= last {
				s.failAt(r.base+at, "section out of order")
			}
			last = rank
		}
		sec := Section{ID: id, All: Span{at - start, r.pos - start}, Body: Span{r.pos - len(s.buf) - start, r.pos - start}}
		m.section(&sec, s, r.base+start)
		m.Sections = push(m.Sections, sec, unknown)
	}
	return m
}

// section takes the contents of one section. origin is the offset of the
// module in the outermost file.
func (m *Module) section(sec *Section, r *reader, origin int) {
	switch sec.ID {
	case ModuleCustom:
		sec.Name = r.name()
		return
	case ModuleType:
		for range r.count("core types", maxNodes) {
			r.node()
			m.Types = append(m.Types, r.coreRecType()...)
			if r.err != nil {
				return
			}
		}
	case ModuleImport:
		n := r.count("core imports", maxNodes)
		for range n {
			m.addImport(r, n, origin)
			if r.err != nil {
				return
			}
		}
	case ModuleFunction:
		m.Funcs = r.indices("core functions", maxNodes)
	case ModuleTable:
		m.Tables = vec(r, "tables", maxNodes, (*reader).coreTable)
	case ModuleMemory:
		m.Memories = vec(r, "memories", maxNodes, func(r *reader) CoreExternType {
			return CoreExternType{Sort: CoreMemory, Limits: r.coreLimits(true)}
		})
	case ModuleGlobal:
		m.Globals = vec(r, "globals", maxNodes, func(r *reader) CoreExternType {
			g := r.coreGlobalType()
			r.constExpr()
			return g
		})
	case ModuleTag:
		m.Tags = vec(r, "tags", maxNodes, (*reader).coreTagType)
	case ModuleExport:
		m.Exports = vec(r, "core exports", maxNodes, (*reader).moduleExport)
		m.sortExports()
	case ModuleStart:
		f := r.u32()
		m.Start = &f
	default: // element, code, data, data count
		return
	}
	r.end()
}

// addImport takes one of n imports.
func (m *Module) addImport(r *reader, n, origin int) {
	r.node()
	im := CoreImport{Module: r.name(), Name: r.name()}
	start := r.offset() - origin
	im.Type = r.coreExternType()
	if r.err != nil {
		return
	}
	m.imported[im.Type.Sort] = append(m.imported[im.Type.Sort], len(m.Imports))
	m.Imports = push(m.Imports, im, n)
	m.ImportTypes = push(m.ImportTypes, Span{start, r.offset() - origin}, n)
}

// coreTable takes a defined table: its type, or 0x40 0x00, its type and the
// value its entries begin with.
func (r *reader) coreTable() CoreExternType {
	if r.peek() != 0x40 {
		return r.coreTableType()
	}
	r.byte()
	r.want(0x00, "byte after 0x40 of a table")
	t := r.coreTableType()
	r.constExpr()
	return t
}

func (r *reader) moduleExport() CoreExport {
	e := CoreExport{Name: r.name()}
	at := r.offset()
	if e.Sort = CoreSort(r.byte()); e.Sort > CoreTag {
		r.failAt(at, "unknown kind %#02x of core export", uint8(e.Sort))
	}
	e.Idx = r.u32()
	return e
}
