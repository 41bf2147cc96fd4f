package core

import (
	"strings"

	"github.com/witgen/witgen/rt/internal/binary"
)

// Sections that get an entry, in the order in which they stand. Where a module
// has none there will be one.
var grown = [...]byte{
	binary.ModuleType, binary.ModuleFunction, binary.ModuleGlobal, binary.ModuleExport,
}

// before says of each section how many of those that grow come before it.
var before = [...]int{
	binary.ModuleType:      0,
	binary.ModuleImport:    1,
	binary.ModuleFunction:  1,
	binary.ModuleTable:     2,
	binary.ModuleMemory:    2,
	binary.ModuleTag:       2,
	binary.ModuleGlobal:    2,
	binary.ModuleExport:    3,
	binary.ModuleStart:     4,
	binary.ModuleElement:   4,
	binary.ModuleDataCount: 4,
	binary.ModuleCode:      4,
	binary.ModuleData:      4,
}

// assemble writes the module with its new code and what goes with it.
func (p *pass) assemble(names *Instrumented, code []byte) []byte {
	out := make([]byte, 0, len(p.module)+len(code)+256)
	out = append(out, p.module[:8]...)
	done := 0
	for _, s := range p.m.Sections {
		body := s.Body.Of(p.module)
		if s.ID == binary.ModuleCustom {
			if !misplaced(s.Name) {
				out = append(out, s.All.Of(p.module)...)
			}
			continue
		}
		for ; done < before[s.ID]; done++ {
			out = p.grow(out, grown[done], nil, names)
		}
		switch {
		case s.ID == binary.ModuleStart:
		case s.ID == binary.ModuleCode:
			out = appendSection(out, s.ID, code)
		case done < len(grown) && s.ID == grown[done]:
			out = p.grow(out, s.ID, body, names)
			done++
		default:
			out = append(out, s.All.Of(p.module)...)
		}
	}
	return out
}

// misplaced reports whether a custom section refers to places in the code.
func misplaced(name string) bool {
	return strings.HasPrefix(name, ".debug_") || strings.HasPrefix(name, "metadata.code.")
}

// grow appends a section with the contents of body, a vector, if there are
// any, and what is added to it.
func (p *pass) grow(out []byte, id byte, body []byte, names *Instrumented) []byte {
	var entries []byte
	n := uint32(1)
	switch id {
	case binary.ModuleType:
		// The host's function has this type on its own. One that is there
		// already may be part of a group, which makes it another.
		entries = []byte{0x60, 0, 0}
		for _, t := range p.blocks {
			n++
			entries = append(entries, t...)
		}
	case binary.ModuleFunction:
		entries = appendU32(nil, p.added.void)
		for range p.pieces {
			n++
			entries = appendU32(entries, p.added.three)
		}
	case binary.ModuleGlobal:
		n = 2
		entries = []byte{0x7e, 0x01, opI64Const, 0, opEnd}
		entries = append(appendS64(append(entries, typeRefNull+0x80), int64(p.added.void)), 0x01)
		entries = append(appendS64(append(entries, opRefNull), int64(p.added.void)), opEnd)
		if names.Used != "" {
			n += 2
			entries = append(entries, 0x7e, 0x01, opI64Const, 0, opEnd, 0x7e, 0x01, opI64Const)
			entries = append(appendS64(entries, FirstMark), opEnd)
		}
		if names.Ask != "" {
			n++
			entries = append(entries, 0x7e, 0x01, opI64Const, 0, opEnd)
		}
	case binary.ModuleExport:
		n = 2
		entries = appendExport(nil, names.Fuel, binary.CoreGlobal, p.added.fuel)
		entries = appendExport(entries, names.Interrupt, binary.CoreGlobal, p.added.interrupt)
		if names.Used != "" {
			n += 2
			entries = appendExport(entries, names.Used, binary.CoreGlobal, p.added.used)
			entries = appendExport(entries, names.Mark, binary.CoreGlobal, p.added.mark)
		}
		if names.Ask != "" {
			n++
			entries = appendExport(entries, names.Ask, binary.CoreGlobal, p.added.ask)
		}
		if names.Start != "" {
			n++
			entries = appendExport(entries, names.Start, binary.CoreFunc, *p.m.Start)
		}
	}
	if len(body) > 0 {
		c := cursor{buf: body}
		n += c.u32()
		body = body[c.pos:]
	}
	contents := appendU32(make([]byte, 0, 5+len(body)+len(entries)), n)
	contents = append(append(contents, body...), entries...)
	return appendSection(out, id, contents)
}

func appendSection(out []byte, id byte, contents []byte) []byte {
	out = appendU32(append(out, id), uint32(len(contents)))
	return append(out, contents...)
}

func appendExport(out []byte, name string, sort binary.CoreSort, idx uint32) []byte {
	return appendU32(append(appendName(out, name), byte(sort)), idx)
}
