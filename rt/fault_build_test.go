package rt_test

import (
	"maps"
	"slices"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// guest is a component that a test needs, put together from its WIT. It has
// two core modules: "libc" has the memory, the allocator and the destructors,
// so that imports can be lowered with them before the other one, which has the
// exported functions, is instantiated.
type guest struct {
	world    string                            // of WIT, or a package with one
	encoding byte                              // the option string-encoding
	memory   string                            // limits of the memory; a page, and no maximum, if empty
	realloc  *body                             // parameters: old, was, align, size; bump if nil
	dtors    map[string]body                   // by resource; parameter: rep
	data     string                            // at dataBase
	funcs    map[string]body                   // by "interface#function" or "function"; trap if missing
	post     map[string]body                   // post-return of them
	start    string                            // the core function that starts it
	table    []string                          // as coreModule has it
	names    func(index map[string]int) string // as coreModule has it
	callback *body                             // async functions are lifted and lowered with the option async; parameters: event, and two of its payload
}

// The string encodings.
const (
	utf8Text = iota
	utf16Text
	latin1Text // or utf16, by each string
)

// bump is a realloc that never frees and grows the memory as it needs to.
var bump = body{tI32, []any{
	"\x23\x00", get(2), add, i32(1), sub, i32(0), get(2), sub, and, tee(4), get(3), add, "\x24\x00", // 4 = next, aligned; next = 4 + size
	block, loop,
	"\x3f\x00", i32(16), "\x74", "\x23\x00", "\x4f", brIf(1), // until memory.size << 16 >= next
	i32(1), grow, i32(-1), eq, when, trap, end, br(0),
	end, end,
	get(4), get(0), get(1), get(3), get(1), get(3), ltU, "\x1b", copyTo, // min(was, size) bytes
	get(4),
}}

// resultArea is where functions of these guests leave results that spill.
const resultArea = 512

// passOn, as the only code of an exported function, calls an import of the same
// type.
type passOn string

// passed is the code of that.
func passed(name string, s layout.Signature) body {
	var code []any
	for i := range s.Params {
		code = append(code, get(i))
	}
	if s.ResultSpills {
		return body{code: append(code, i32(resultArea), call(name), i32(resultArea))}
	}
	return body{code: append(code, call(name))}
}

// assembly is a guest being encoded.
type assembly struct {
	*guest
	out   string
	types *typeSpace
	main  coreModule
	from  map[string][]string // what main imports: by module, names with core functions
	// labeled are the resources that labels export: each has its own.
	labeled  map[*wit.WorldItem]map[*wit.TypeDef]int
	versions map[string]int // of imported interfaces, by package and name

	coreFuncs, coreInstances, instances, components, componentFuncs int
}

// encode returns the component.
func (g *guest) encode() ([]byte, error) {
	w, err := loadWorld(g.world)
	if err != nil {
		return nil, err
	}
	a := &assembly{
		guest: g, out: "\x00asm\x0d\x00\x01\x00", from: make(map[string][]string),
		labeled: make(map[*wit.WorldItem]map[*wit.TypeDef]int), versions: make(map[string]int),
	}
	a.types = &typeSpace{named: make(map[*wit.TypeDef]int)}
	a.types.put = func(def string) { a.out += wasmSection(7, def) }
	a.libc()
	for _, im := range w.Imports {
		if im.Interface != nil && im.Label == "" {
			a.versions[im.Interface.Package.Name.Name+"/"+im.Interface.Name]++
		}
	}
	for _, im := range w.Imports {
		a.importItem(im)
	}
	for _, ex := range w.Exports {
		if ex.Interface != nil {
			a.resources(ex)
		}
	}
	a.program(w)
	for _, ex := range w.Exports {
		a.exportItem(ex)
	}
	return []byte(a.out), nil
}

// libc is the core module and instance 0.
func (a *assembly) libc() {
	m := coreModule{memory: a.memory, global: true, data: a.data}
	if m.memory == "" {
		m.memory = "\x00\x01"
	}
	realloc := &bump
	if a.realloc != nil {
		realloc = a.realloc
	}
	m.funcs = []coreFunc{{name: "realloc", params: tI32 + tI32 + tI32 + tI32, results: tI32, body: realloc}}
	for _, r := range slices.Sorted(maps.Keys(a.dtors)) {
		m.funcs = append(m.funcs, coreFunc{name: "dtor " + r, params: tI32, body: new(a.dtors[r])})
	}
	a.out += "\x01" + text(m.encode()) + wasmSection(2, "\x00\x00\x00")
	a.coreInstances++
	a.out += wasmSection(6, "\x00\x02\x01\x00"+text("memory"))
	a.coreAlias(0, "realloc") // core function 0
}

// coreAlias makes a function of a core instance one of the component's.
func (a *assembly) coreAlias(instance int, name string) int {
	a.out += wasmSection(6, "\x00\x00\x01"+uleb(instance)+text(name))
	a.coreFuncs++
	return a.coreFuncs - 1
}

// canon adds a core function that is a canonical definition.
func (a *assembly) canon(module, name, params, results, def string) {
	a.out += wasmSection(8, def)
	a.main.funcs = append(a.main.funcs, coreFunc{name: name, from: module, params: params, results: results})
	a.from[module] = append(a.from[module], text(name)+"\x00"+uleb(a.coreFuncs))
	a.coreFuncs++
}

func (a *assembly) importItem(im *wit.WorldItem) {
	switch name := externName(im); {
	case im.Type != nil:
		a.importType(name, im.Type)
	case im.Func != nil:
		t := a.types.function(im.Func)
		a.out += wasmSection(10, name+"\x01"+uleb(t))
		a.lower("", im.Func)
	default:
		t := a.types.add(a.types.instanceType(im.Interface))
		a.out += wasmSection(10, name+"\x05"+uleb(t))
		for _, d := range im.Interface.Types {
			a.out += wasmSection(6, "\x03\x00"+uleb(a.instances)+text(d.Name))
			a.name(d)
			if _, ok := d.Type.(*wit.Resource); ok {
				a.canon("resource", "drop "+a.importing(im)+d.Name, tI32, "", "\x03"+uleb(a.types.named[d]))
			}
		}
		for _, f := range im.Interface.Funcs {
			a.out += wasmSection(6, "\x01\x00"+uleb(a.instances)+text(f.Name))
			a.lower(im.Name(), f)
		}
		a.instances++
	}
}

// importing returns what stands before the names of an imported interface's
// resources: nothing, unless it is imported by a label or in several versions.
func (a *assembly) importing(im *wit.WorldItem) string {
	if im.Label != "" || a.versions[im.Interface.Package.Name.Name+"/"+im.Interface.Name] > 1 {
		return im.Name() + " "
	}
	return ""
}

// externName encodes the name of an import or export. One that stands for an
// interface says so.
func externName(item *wit.WorldItem) string {
	if item.Label != "" && item.Interface != nil && item.Interface.Name != "" {
		return "\x02" + text(item.Label) + "\x01\x00" + text(item.Interface.ID())
	}
	return "\x00" + text(item.Name())
}

func (a *assembly) importType(name string, t *wit.TypeDef) {
	switch t.Type.(type) {
	case *wit.TypeDef: // used from an interface
		a.types.named[t] = a.types.define(t)
	case *wit.Resource:
		a.out += wasmSection(10, name+"\x03\x01")
		a.name(t)
		a.canon("resource", "drop "+t.Name, tI32, "", "\x03"+uleb(a.types.named[t]))
	default:
		i := a.types.define(t)
		a.out += wasmSection(10, name+"\x03\x00"+uleb(i))
		a.name(t)
	}
}

// name gives a type the index that was just made.
func (a *assembly) name(t *wit.TypeDef) {
	a.types.named[t] = a.types.n
	a.types.n++
}

// lower makes the newest component function one that the program can call.
func (a *assembly) lower(module string, f *wit.Func) {
	async := a.async(f)
	s := layout.Lower(f, layout.Options{Async: async})
	options := a.options(-1)
	if async {
		options = a.options(-1, optAsync)
	}
	a.canon(module, qualified(module, f), coreTypes(s.Params), coreTypes(s.Results), "\x01\x00"+uleb(a.componentFuncs)+options)
	a.componentFuncs++
}

func qualified(iface string, f *wit.Func) string {
	if iface == "" {
		return f.Name
	}
	return iface + "#" + f.Name
}

func coreTypes(ts []layout.CoreType) string {
	var s []byte
	for _, t := range ts {
		s = append(s, byte(t))
	}
	return string(s)
}

// async reports whether a function is lifted and lowered with the option async.
func (a *assembly) async(f *wit.Func) bool { return a.callback != nil && f.Async }

const optAsync = "\x06"

// options encodes canonical options, with a post-return if it is not negative,
// and more of them.
func (a *assembly) options(post int, more ...string) string {
	o := append([]string{string([]byte{a.encoding}), "\x03\x00", "\x04\x00"}, more...)
	if post >= 0 {
		o = append(o, "\x05"+uleb(post))
	}
	return list(o...)
}

// resources defines the resources of an exported interface. The functions of
// those that a label exports have it in their names.
func (a *assembly) resources(ex *wit.WorldItem) {
	of := ""
	if ex.Label != "" && ex.Interface.Name != "" {
		of, a.labeled[ex] = ex.Label+" ", make(map[*wit.TypeDef]int)
	}
	for _, t := range ex.Interface.Types {
		if _, ok := t.Type.(*wit.Resource); !ok {
			continue
		}
		def := "\x3f\x7f\x00"
		if _, ok := a.dtors[t.Name]; ok {
			def = "\x3f\x7f\x01" + uleb(a.coreAlias(0, "dtor "+t.Name))
		}
		i := a.types.add(def)
		if of == "" {
			a.types.named[t] = i
		} else {
			a.labeled[ex][t] = i
		}
		drop := "drop " + of + t.Name
		if slices.ContainsFunc(a.main.funcs, func(f coreFunc) bool { return f.name == drop }) {
			drop = "drop exported " + t.Name // one of that name is imported
		}
		a.canon("resource", "new "+of+t.Name, tI32, tI32, "\x02"+uleb(i))
		a.canon("resource", drop, tI32, "", "\x03"+uleb(i))
		a.canon("resource", "rep "+of+t.Name, tI32, tI32, "\x04"+uleb(i))
	}
}
