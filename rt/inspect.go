package rt

import (
	"fmt"

	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/rt/internal/types"
)

// Info is what a component is made of, as [Inspect] finds it. It belongs to the
// caller, but for the types in Imports and Exports.
type Info struct {
	// Size is that of the file, in bytes.
	Size int
	// Err says what keeps the component from being compiled, and at which byte
	// offset: it is invalid, or asks for something that is not supported. It is
	// nil if nothing is known; the bodies of core functions are not looked at.
	Err error
	// Imports and Exports are what [Component.Imports] and [Component.Exports]
	// return. They are empty if Err says that something is wrong before their
	// types are known.
	Imports, Exports []Extern
	// ImportNames and ExportNames are the names of the imports and exports, in
	// the same order, whatever Err says.
	ImportNames, ExportNames []string
	// Modules are the core modules in the file, in its order, with those of the
	// components in it.
	Modules []ModuleInfo
	// Components are the components in the file, in its order: the component
	// itself comes first.
	Components []ComponentInfo
	// CoreInstances is how many instances of core modules an instance of the
	// component has; 0 if Err is set.
	CoreInstances int
	// Memory is how much linear memory an instance of the component has before
	// its first core function runs, in bytes: what its core modules define, but
	// not those that its host gives. It is 0 if Err is set.
	Memory uint64
	// Features are what it uses of what not every runtime has, and of what this
	// one has not: see [Feature].
	Features []Feature
	// Producers are the tools that had a part in making the file, as it says of
	// itself, each once.
	Producers []Producer
}

// ComponentInfo is a component in the file that [Inspect] looks at.
type ComponentInfo struct {
	Name   string // as it calls itself; mostly empty
	Within int    // index in Info.Components of the component that it is in; -1 for the file's
	Offset int    // in the file, in bytes
	Size   int    // with what is in it, in bytes
}

// Producer is something that had a part in making a file, as its custom
// sections "producers" say.
type Producer struct {
	Field   string // "language", "processed-by" or "sdk"
	Name    string
	Version string // may be empty
}

// Inspect reads a component and says what it is made of. It needs no engine,
// compiles nothing and takes the time of reading the file. The error has
// [ErrNotComponent] in it if the bytes are no component, and a component that
// is invalid further inside, or not supported, is described as far as that
// goes: see [Info.Err]. For a core module there is [Module.Info].
func Inspect(wasm []byte) (*Info, error) {
	tree, err := binary.Decode(wasm)
	if err != nil {
		return nil, &decodeError{err}
	}
	x := inspector{&Info{Size: len(wasm)}, make(map[*byte]int), make(uses), make(map[Producer]bool)}
	x.component(tree, -1)
	for _, d := range tree.Defs {
		switch d := d.(type) {
		case *binary.Import:
			x.info.ImportNames = append(x.info.ImportNames, d.Name.Name)
		case *binary.Export:
			x.info.ExportNames = append(x.info.ExportNames, d.Name.Name)
		}
	}
	if err := x.check(tree); err != nil {
		x.info.Err = fmt.Errorf("component: %w", err)
	}
	x.info.Features = x.uses.list()
	return x.info, nil
}

// inspector fills an Info.
type inspector struct {
	info    *Info
	modules map[*byte]int // indices in info.Modules, by where they begin
	uses    uses
	known   map[Producer]bool
}

// component takes what stands in a component, and what is nested in it.
func (x *inspector) component(c *binary.Component, within int) {
	number := len(x.info.Components)
	x.info.Components = append(x.info.Components, ComponentInfo{c.Name(), within, c.Offset, c.Size})
	for _, s := range c.Custom {
		if s.Name == binary.ProducersSection {
			x.producers(binary.ReadProducers(s.Data))
		}
	}
	for _, d := range c.Defs {
		x.uses.definition(d)
		switch d := d.(type) {
		case *binary.CoreModule:
			m := moduleInfo(d.Module, d.Bytes)
			m.Component, m.Offset = number, d.Pos()
			x.modules[&d.Bytes[0]] = len(x.info.Modules)
			x.info.Modules = append(x.info.Modules, m)
			x.uses.module(d.Module)
			for _, s := range d.Module.Sections {
				if s.ID == binary.ModuleCustom && s.Name == binary.ProducersSection {
					x.producers(binary.ReadProducers(s.Contents(d.Bytes)))
				}
			}
		case *binary.Nested:
			x.component(d.Component, number)
		}
	}
}

func (x *inspector) producers(list []binary.Producer) {
	for _, p := range list {
		if p := Producer(p); !x.known[p] {
			x.known[p] = true
			x.info.Producers = append(x.info.Producers, p)
		}
	}
}

// check adds what only the phases of Compile know.
func (x *inspector) check(tree *binary.Component) error {
	checked, err := types.Check(tree)
	if err != nil {
		return err
	}
	x.info.Imports, x.info.Exports = externs(checked.Type.Imports), externs(checked.Type.Exports)
	p, err := plan.Build(checked)
	if err != nil {
		return err
	}
	x.uses.exports(&p.Exports)
	var pages uint64
	for _, s := range p.Steps {
		s, ok := s.(plan.InstantiateModule)
		if !ok {
			continue
		}
		x.info.CoreInstances++
		im := p.Images[s.Image]
		if im.Import >= 0 {
			continue
		}
		if i, ok := x.modules[&im.Module[0]]; ok { // else it is the runtime's own
			m := &x.info.Modules[i]
			m.Instances++
			pages = addPages(pages, m)
		}
	}
	x.info.Memory = pages * pageSize
	return nil
}

// pageSize is how long a page of memory is, in bytes.
const pageSize = 1 << 16

// addPages adds the pages that a module's own memories begin with, to as many
// as a number of bytes can tell.
func addPages(pages uint64, m *ModuleInfo) uint64 {
	const most = 1<<48 - 1
	for _, mem := range m.Memories {
		if !mem.Imported {
			pages = min(pages+min(mem.Min, most), most)
		}
	}
	return pages
}
