package rt_test

import "strings"

// A core module that a test needs is written out in Go: functions are lists of
// instructions, each a string of its bytes or a call by name.

// uleb and sleb encode an unsigned and a signed number.
func uleb(n int) string {
	if n < 0x80 {
		return string([]byte{byte(n)})
	}
	return string([]byte{byte(n) | 0x80}) + uleb(n>>7)
}

func sleb(n int) string {
	if -0x40 <= n && n < 0x40 {
		return string([]byte{byte(n & 0x7f)})
	}
	return string([]byte{byte(n) | 0x80}) + sleb(n>>7)
}

func text(s string) string { return uleb(len(s)) + s }

func list(elems ...string) string { return uleb(len(elems)) + strings.Join(elems, "") }

// wasmSection encodes a section that is a list, of a core module or a component.
func wasmSection(id byte, elems ...string) string {
	body := list(elems...)
	return string([]byte{id}) + uleb(len(body)) + body
}

// Instructions. Loads and stores take the offset that is added to the address.
const (
	trap   = "\x00"
	block  = "\x02\x40"
	loop   = "\x03\x40"
	when   = "\x04\x40" // if, without a result
	end    = "\x0b"
	drop   = "\x1a"
	grow   = "\x40\x00"
	eq     = "\x46"
	ltU    = "\x49"
	add    = "\x6a"
	sub    = "\x6b"
	mul    = "\x6c"
	and    = "\x71"
	i64add = "\x7c"
	copyTo = "\xfc\x0a\x00\x00" // to, from, size
)

func i32(n int) string      { return "\x41" + sleb(n) }
func i64(n int) string      { return "\x42" + sleb(n) }
func get(i int) string      { return "\x20" + uleb(i) }
func set(i int) string      { return "\x21" + uleb(i) }
func tee(i int) string      { return "\x22" + uleb(i) }
func br(n int) string       { return "\x0c" + uleb(n) }
func brIf(n int) string     { return "\x0d" + uleb(n) }
func load(at int) string    { return "\x28\x00" + uleb(at) }
func load8(at int) string   { return "\x2d\x00" + uleb(at) }
func store(at int) string   { return "\x36\x00" + uleb(at) }
func store64(at int) string { return "\x37\x00" + uleb(at) }

// call is a call of a function by its name.
type call string

// body is what a function does; locals are its own, beside the parameters.
type body struct {
	locals string // a type each
	code   []any  // strings and calls
}

// does is a body without locals.
func does(code ...any) body { return body{code: code} }

// tI32 is a core type.
const tI32 = "\x7f"

// coreFunc is a function of a core module: an import if it has no body.
type coreFunc struct {
	name    string // to call it by, and to export it under
	from    string // the module it is imported from, if it has no body
	params  string
	results string
	body    *body
	again   bool // an import that is exported too
}

// coreModule is a core module. Imported functions come first.
type coreModule struct {
	funcs  []coreFunc
	memory string                            // as a section wants it; imported from "libc" if empty
	global bool                              // a mutable i32 that begins as heapBase
	data   string                            // at dataBase
	table  []string                          // the functions in it, which can grow; none if empty
	start  string                            // the function of that name starts it; none if empty
	names  func(index map[string]int) string // what the name section holds; nil for none
}

// Where things are in the memory of these guests.
const (
	dataBase = 1 << 10
	heapBase = 32 << 10
)

// encode returns the module's bytes.
func (m *coreModule) encode() string {
	index := make(map[string]int, len(m.funcs))
	var types, imports, funcs, exports, code []string
	for i, f := range m.funcs {
		index[f.name] = i
		types = append(types, "\x60"+uleb(len(f.params))+f.params+uleb(len(f.results))+f.results)
		if f.body == nil {
			imports = append(imports, text(f.from)+text(f.name)+"\x00"+uleb(i))
		} else {
			funcs = append(funcs, uleb(i))
		}
		if f.body != nil || f.again {
			exports = append(exports, text(f.name)+"\x00"+uleb(i))
		}
	}
	for _, f := range m.funcs {
		if f.body != nil {
			code = append(code, text(f.body.encode(index)))
		}
	}
	out := "\x00asm\x01\x00\x00\x00" + wasmSection(1, types...)
	if m.memory == "" {
		imports = append(imports, text("libc")+text("memory")+"\x02\x00\x00")
	} else {
		exports = append(exports, text("memory")+"\x02\x00")
	}
	out += wasmSection(2, imports...) + wasmSection(3, funcs...)
	if m.table != nil {
		out += wasmSection(4, "\x70\x00"+uleb(len(m.table)))
	}
	if m.memory != "" {
		out += wasmSection(5, m.memory)
	}
	if m.global {
		out += wasmSection(6, tI32+"\x01"+i32(heapBase)+end)
	}
	out += wasmSection(7, exports...)
	if m.start != "" {
		out += "\x08" + text(uleb(index[m.start]))
	}
	if m.table != nil {
		var elems []string
		for _, name := range m.table {
			elems = append(elems, uleb(index[name]))
		}
		out += wasmSection(9, "\x00"+i32(0)+end+list(elems...))
	}
	out += wasmSection(10, code...)
	if m.data != "" {
		out += wasmSection(11, "\x00"+i32(dataBase)+end+text(m.data))
	}
	if m.names != nil {
		out += "\x00" + text(text("name")+m.names(index))
	}
	return out
}

func (b body) encode(index map[string]int) string {
	var locals []string
	for _, t := range b.locals {
		locals = append(locals, "\x01"+string(t))
	}
	out := list(locals...)
	for _, in := range b.code {
		switch in := in.(type) {
		case string:
			out += in
		case call:
			i, ok := index[string(in)]
			if !ok {
				panic("no function " + string(in))
			}
			out += "\x10" + uleb(i)
		}
	}
	return out + end
}
