package rt

import (
	"encoding/binary"
	"fmt"

	component "github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/core"
	"github.com/witgen/witgen/rt/internal/plan"
)

const (
	// defaultTables is how many elements the tables of an instance may have.
	defaultTables = 1_000_000

	// maxTable is how many elements a table may grow to that begins with less.
	// Core runtimes have no limit but what is declared, so it is declared.
	maxTable = 100_000

	// maxDefined bounds the bytes of what core modules define beside code and
	// data, all core instances of an instance together. Instantiating them
	// allocates up to twenty times as much.
	maxDefined = 16 << 20

	// segmentBytes is what a data segment takes at least.
	segmentBytes = 5
)

// demand is what core modules need when they are instantiated.
type demand struct {
	memory  uint64 // bytes of linear memory
	tables  uint64 // elements that the tables can ever have
	defined uint64 // bytes of definitions
}

func (d *demand) add(o demand) {
	d.memory += o.memory
	d.tables += o.tables
	d.defined += o.defined
}

// demandOf returns what an instance of a core module needs. Its tables have been
// capped if any can grow.
func demandOf(wasm []byte, m *component.Module, grows bool) demand {
	var d demand
	for _, x := range m.Memories {
		d.memory += min(x.Limits.Min, 1<<16) << 16
	}
	for _, x := range m.Tables {
		if grows {
			d.tables += core.CappedTable(x.Limits, maxTable)
		} else {
			d.tables += min(x.Limits.Min, 1<<32)
		}
	}
	for _, s := range m.Sections {
		switch s.ID {
		case component.ModuleCustom, component.ModuleCode:
		case component.ModuleData:
			n, _ := binary.Uvarint(s.Body.Of(wasm))
			d.defined += min(n*segmentBytes, uint64(len(wasm)))
		default:
			d.defined += uint64(s.Body.End - s.Body.Start)
		}
	}
	return d
}

// measure finds out what the plan's core modules need, and caps their tables if
// there are instructions that make tables grow, or might be in the modules that
// hosts give.
func (c *program) measure() error {
	images := c.plan.Images
	grows := len(c.plan.Modules) > 0
	for i := 0; i < len(images) && !grows; i++ {
		var err error
		if grows, err = core.GrowsTables(images[i].Module); err != nil {
			return fmt.Errorf("core module %d: %w", i, err)
		}
	}
	c.demands = make([]demand, len(images))
	for i, im := range images {
		if im.Import >= 0 {
			continue
		}
		m, err := component.DecodeModule(im.Module)
		if err == nil && grows {
			images[i].Module, err = core.CapTables(im.Module, maxTable)
		}
		if err != nil {
			return fmt.Errorf("core module %d: %w", i, err)
		}
		c.demands[i] = demandOf(im.Module, m, grows)
	}
	return nil
}

// demand adds up what an instance needs whose host gives these modules.
func (c *program) demand(given []*Module) demand {
	var d demand
	for _, s := range c.plan.Steps {
		s, ok := s.(plan.InstantiateModule)
		if !ok {
			continue
		}
		if i := c.plan.Images[s.Image].Import; i >= 0 {
			d.add(demandOf(given[i].bytes, given[i].module, true))
		} else {
			d.add(c.demands[s.Image])
		}
	}
	return d
}

// admit takes the memory that the instance declares, before anything is
// allocated for it.
func (in *Instance) admit(limits Limits) error {
	c := in.linked.component
	m := &in.memory
	m.tree, m.pool, m.group, m.engine = &in.tree, &c.engine.blocks, limits.Budget, c.engine.memory
	m.limit = limits.Memory
	if m.limit == 0 {
		m.limit = defaultMemory
	}
	d := c.demand(in.given)
	tables := limits.Tables
	if tables == 0 {
		tables = defaultTables
	}
	if d.tables > uint64(max(tables, 0)) {
		return &memoryError{fmt.Sprintf("tables may have %d elements, limit %d", d.tables, tables)}
	}
	if d.defined > maxDefined {
		return &memoryError{fmt.Sprintf("core instances have %s of definitions, limit %s", size(int64(d.defined)), size(maxDefined))}
	}
	return m.begin(int64(d.memory))
}
