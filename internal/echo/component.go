package echo

import "github.com/witgen/witgen/wit"

// component is a component being put together: what it has so far, and how
// many of each sort, which is the index of the next one.
type component struct {
	out     []byte
	types   *typeSpace
	imports map[*wit.WorldItem]int // the index of each, of its sort

	coreModules, coreFuncs, coreInstances, funcs, instances, components int
}

func newComponent() *component {
	c := &component{out: []byte(componentPreamble), imports: make(map[*wit.WorldItem]int)}
	c.types = newTypeSpace(func(def string) { c.section(sectionType, def) })
	return c
}

// section adds a section of one definition.
func (c *component) section(id byte, def string) { c.put(section(id, def)) }

func (c *component) put(s string) { c.out = append(c.out, s...) }

// sort returns what an index of an item is of.
func sort(item *wit.WorldItem) string {
	switch {
	case item.Func != nil:
		return sortFunc
	case item.Type != nil:
		return sortType
	}
	return sortInstance
}

// importAll imports what a world does.
func (c *component) importAll(w *wit.World) {
	for _, item := range w.Imports {
		switch {
		case item.Func != nil:
			t := c.types.function(item.Func)
			c.imports[item] = c.funcs
			c.section(sectionImport, plain(item.Name())+sortFunc+unsigned(t))
			c.funcs++
		case item.Type != nil:
			c.importType(item)
		default:
			c.importInterface(item)
		}
	}
}

func (c *component) importType(item *wit.WorldItem) {
	def := c.types.define(item.Type)
	c.imports[item] = c.types.n
	c.section(sectionImport, plain(item.Name())+equal+unsigned(def))
	c.types.name(item.Type)
}

func (c *component) importInterface(item *wit.WorldItem) {
	t := c.types.instance(item.Interface)
	c.imports[item] = c.instances
	c.section(sectionImport, plain(item.Name())+sortInstance+unsigned(t))
	for _, d := range item.Interface.Types {
		c.section(sectionAlias, sortType+"\x00"+unsigned(c.instances)+sized(d.Name))
		c.types.name(d)
	}
	c.instances++
}

// alias makes a function or an instance that an instance exports one of the
// component's, and returns its index.
func (c *component) alias(sort string, instance int, name string) int {
	c.section(sectionAlias, sort+"\x00"+unsigned(instance)+sized(name))
	if sort == sortFunc {
		c.funcs++
		return c.funcs - 1
	}
	c.instances++
	return c.instances - 1
}

// coreAlias does so with a core function of a core instance.
func (c *component) coreAlias(instance int, name string) int {
	c.section(sectionAlias, "\x00\x00\x01"+unsigned(instance)+sized(name))
	c.coreFuncs++
	return c.coreFuncs - 1
}

// nest adds a component to the component and returns its index.
func (c *component) nest(inner []byte) int {
	c.put(sectionComponent + sized(string(inner)))
	c.components++
	return c.components - 1
}

// instantiate makes an instance of a component with arguments that are
// encoded, and returns its index.
func (c *component) instantiate(inner int, args ...string) int {
	c.section(sectionInstance, "\x00"+unsigned(inner)+vector(args...))
	c.instances++
	return c.instances - 1
}

// argument encodes one.
func argument(name, sort string, i int) string { return sized(name) + sort + unsigned(i) }

// export exports a function or an instance, which makes one more of it.
func (c *component) export(name, sort string, i int) {
	c.section(sectionExport, plain(name)+sort+unsigned(i)+"\x00")
	if sort == sortFunc {
		c.funcs++
	} else {
		c.instances++
	}
}
