package plugin_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// core is a component of one core module, by hand, for what compilers do not
// make: it exports functions, and imports "host", of a number to a number.
type core struct {
	pages byte   // of memory, to begin with; no maximum
	start string // the function that runs at the start; empty for none
	host  bool   // it imports host
	funcs []function
	mark  string // for another component that does the same
}

// function is one of a number to a number, both of type u32.
type function struct {
	name string // empty if it is not exported
	code string // of a core function without locals but its parameter
}

// Code of core functions. Function 0 is host, if it is imported, and those of
// the component follow; so does the global 0.
const (
	trapped  = "\x00"
	loop     = "\x03\x40"             // a block that is begun again
	again    = "\x0c\x00\x0b"         // the block, for ever
	param    = "\x20\x00"             // the parameter
	zero     = "\x41\x00"             // the number
	one      = "\x41\x01"             // the number
	drop     = "\x1a"                 // a value
	grow     = "\x40\x00"             // memory.grow
	read     = "\x28\x02\x00"         // what is in memory at an address
	askHost  = "\x10\x00"             // call host
	counting = "\x23\x00\x41\x01\x6a" // the global, and one more
	counted  = "\x24\x00\x23\x00"     // that is the global, and its value
)

// spin is an endless loop.
const spin = loop + again + zero

// chain returns functions without a loop, each of which calls the one before it
// twice: the last makes 2^n calls. The first has the index that is given.
func chain(n int, first byte) []function {
	all := []function{{code: param}}
	for i := range n {
		f := string([]byte{0x10, first + byte(i)}) // call
		all = append(all, function{code: param + f + f})
	}
	all[n].name = "chain"
	return all
}

// various is the component of most of these tests.
func various() core {
	return core{pages: 1, host: true, funcs: slices.Concat([]function{
		{"answer", param},
		{"count", counting + counted},
		{"spin", spin},
		{"trap", trapped},
		{"bounds", "\x41\x7f" + read},
		{"recurse", param + "\x10\x06"}, // itself
		{"grow", param + grow},
		{"ask", param + askHost},
		{"nag", loop + zero + askHost + drop + again + zero},
	}, chain(34, 10))}
}

// source returns the component.
func (c core) source() plugin.Source { return plugin.Bytes("core", c.encode()) }

// encode returns the component: the binary format of each is in BINARY.md of the
// specification, section by section.
func (c core) encode() []byte {
	out := []byte("\x00asm\x0d\x00\x01\x00")
	put := func(id byte, items ...string) { out = append(out, section(id, items...)...) }
	put(7, "\x40\x01"+name("n")+"\x79\x00\x79") // (func (param "n" u32) (result u32))
	imported := byte(0)
	if c.host {
		imported = 1
		put(10, "\x00"+name("host")+"\x01\x00")                                        // import it
		put(8, "\x01\x00\x00\x00")                                                     // lower it
		out = append(out, rawSection(1, string(c.module()))...)                        // the module
		put(2, "\x01\x01"+name("host")+"\x00\x00", "\x00\x00\x01"+name("")+"\x12\x00") // instances: of host, of the module
	} else {
		out = append(out, rawSection(1, string(c.module()))...)
		put(2, "\x00\x00\x00")
	}
	var aliases, lifts, exports []string
	for _, f := range c.funcs {
		if f.name == "" {
			continue
		}
		i := byte(len(lifts)) + imported
		aliases = append(aliases, "\x00\x00\x01"+string([]byte{imported})+name(f.name))
		lifts = append(lifts, "\x00\x00"+string([]byte{i})+"\x00\x00")
		exports = append(exports, "\x00"+name(f.name)+"\x01"+string([]byte{i})+"\x00")
	}
	put(6, aliases...)
	put(8, lifts...)
	put(11, exports...)
	if c.mark != "" {
		out = append(out, rawSection(0, name("mark")+c.mark)...)
	}
	return out
}

// module returns the core module.
func (c core) module() []byte {
	out := []byte("\x00asm\x01\x00\x00\x00")
	put := func(id byte, items ...string) { out = append(out, section(id, items...)...) }
	put(1, "\x60\x01\x7f\x01\x7f", "\x60\x00\x00") // of a number to a number, and of nothing to nothing
	first := byte(0)
	if c.host {
		first = 1
		put(2, name("")+name("host")+"\x00\x00")
	}
	var types, exports, codes []string
	for i, f := range c.funcs {
		types = append(types, "\x00")
		codes = append(codes, sized("\x00"+f.code+"\x0b"))
		if f.name != "" {
			exports = append(exports, name(f.name)+"\x00"+string([]byte{first + byte(i)}))
		}
	}
	begin := ""
	if i := slices.IndexFunc(c.funcs, func(f function) bool { return f.name == c.start }); c.start != "" {
		types = append(types, "\x01")
		codes = append(codes, sized("\x00"+zero+"\x10"+string([]byte{first + byte(i)})+drop+"\x0b"))
		begin = string([]byte{first + byte(len(c.funcs))})
	}
	put(3, types...)
	put(5, "\x00"+string([]byte{c.pages}))
	put(6, "\x7f\x01"+zero+"\x0b")
	put(7, exports...)
	if begin != "" {
		out = append(out, rawSection(8, begin)...)
	}
	put(10, codes...)
	return out
}

// section is a vector of items.
func section(id byte, items ...string) string {
	all := leb(len(items))
	for _, item := range items {
		all += item
	}
	return rawSection(id, all)
}

func rawSection(id byte, content string) string { return string([]byte{id}) + sized(content) }

func name(s string) string { return sized(s) }

// sized is bytes after their number.
func sized(s string) string { return leb(len(s)) + s }

// leb is a number in LEB128.
func leb(n int) string {
	var out []byte
	for ; n >= 0x80; n >>= 7 {
		out = append(out, byte(n)|0x80)
	}
	return string(append(out, byte(n)))
}

// raw is a plugin whose functions are called by name.
type raw struct{ *rt.Instance }

// RT returns the instance.
func (r raw) RT() *rt.Instance { return r.Instance }

// call calls a function.
func (r raw) call(ctx context.Context, f string, n uint32) (uint32, error) {
	exported, err := r.Func("", f)
	if err != nil {
		return 0, err
	}
	v, err := exported.Call(ctx, n)
	m, _ := v.(uint32)
	return m, err
}

// rawWorld is a world of such plugins, with a host function.
func rawWorld(host func(ctx context.Context, n uint32) (uint32, error)) plugin.World[raw] {
	return plugin.World[raw]{Link: func(c *rt.Component) (plugin.Start[raw], error) {
		linked, err := c.Link(rt.World{})
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context, config rt.InstanceConfig) (raw, error) {
			config.Host = []rt.HostInstance{{Funcs: map[string]rt.HostFunc{"host": {Call: func(ctx context.Context, args []rt.Value) (rt.Value, error) {
				if host == nil {
					return args[0], nil
				}
				return host(ctx, args[0].(uint32))
			}}}}}
			in, err := linked.Instantiate(ctx, nil, config)
			return raw{in}, err
		}, nil
	}}
}

// addRaw makes a slot for a component, under a policy that the test changes.
func addRaw(t testing.TB, h *plugin.Host, name string, c core, host func(ctx context.Context, n uint32) (uint32, error), change func(p *policy.Policy)) *plugin.Slot[raw] {
	t.Helper()
	p := pooled()
	if change != nil {
		change(p)
	}
	begin := time.Now()
	s, err := plugin.Add(t.Context(), h, name, rawWorld(host), plugin.Options{Policy: p, Source: c.source()})
	for starved(err, begin, time.Duration(p.Limits.Deadline)) {
		begin = time.Now()
		s, err = plugin.Add(t.Context(), h, name, rawWorld(host), plugin.Options{Policy: p, Source: c.source()})
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// call calls a function of a slot's plugin.
func call(ctx context.Context, s *plugin.Slot[raw], f string, n uint32) (m uint32, err error) {
	err = s.Do(ctx, func(ctx context.Context, r raw) error {
		m, err = r.call(ctx, f, n)
		return err
	})
	return m, err
}
