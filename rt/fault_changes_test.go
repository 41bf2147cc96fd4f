package rt_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// silentChanges are those of an interface that leave all names and signatures
// of its core functions as they were: who looks at these alone takes the values
// of the one for values of the other. Each is the contents of an interface
// before and after; name is in one of them only, or in another place.
var silentChanges = []struct{ change, before, after, name string }{
	{"parameter renamed", "f: func(key: u32);", "f: func(name: u32);", "name"},
	{"parameters swapped", "f: func(source: string, target: string);", "f: func(target: string, source: string);", "func(target"},
	{"wider number", "f: func(a: u8);", "f: func(a: u32);", "u8"},
	{"sign", "f: func(a: u32);", "f: func(a: s32);", "s32"},
	{"number to char", "f: func(a: u32);", "f: func(a: char);", "char"},
	{"string to bytes", "f: func(a: string);", "f: func(a: list<u8>);", "list<u8>"},
	{"list element", "f: func(a: list<u32>);", "f: func(a: list<u64>);", "list<u64>"},
	{"number to bool", "f: func() -> u8;", "f: func() -> bool;", "bool"},
	{"result where a pointer was returned", "f: func() -> string;", "f: func() -> result<string>;", "result<string>"},
	{"error type", "f: func() -> result<string, u32>;", "f: func() -> result<string, bool>;", "bool"},
	{"field added in memory", "record r { a: u32 } f: func(l: list<r>);", "record r { a: u32, extra: option<u32> } f: func(l: list<r>);", "extra"},
	{"field removed in memory", "record r { a: u32, gone: u32 } f: func(l: list<r>);", "record r { a: u32 } f: func(l: list<r>);", "gone"},
	{"field renamed", "record r { a: u32, old: u32 } f: func(x: r);", "record r { a: u32, new: u32 } f: func(x: r);", "new"},
	{"field of another type", "record r { a: u32, b: u32 } f: func(x: r);", "record r { a: u32, b: s32 } f: func(x: r);", "b: s32"},
	{"fields swapped", "record r { a: u32, b: u32 } f: func(x: r);", "record r { b: u32, a: u32 } f: func(x: r);", "b: u32, a: u32"},
	{"record to tuple", "record r { a: u32, b: string } f: func(x: r);", "f: func(x: tuple<u32, string>);", "tuple<u32, string>"},
	{"case added at the end", "variant v { a(u32), b } f: func(x: v);", "variant v { a(u32), b, extra } f: func(x: v);", "extra"},
	{"case inserted", "variant v { a(u32), b } f: func(x: v);", "variant v { a(u32), extra, b } f: func(x: v);", "extra"},
	{"case removed", "variant v { a(u32), gone, b } f: func(x: v);", "variant v { a(u32), b } f: func(x: v);", "gone"},
	{"case renamed", "variant v { a(u32), old } f: func(x: v);", "variant v { a(u32), new } f: func(x: v);", "new"},
	{"payload", "variant v { a(u32), b } f: func(x: v);", "variant v { a(s32), b } f: func(x: v);", "a(s32)"},
	{"enum case added at the end", "enum e { a, b } f: func(x: e);", "enum e { a, b, extra } f: func(x: e);", "extra"},
	{"enum case inserted", "enum e { a, b } f: func(x: e);", "enum e { a, extra, b } f: func(x: e);", "extra"},
	{"enum cases reordered", "enum e { a, b, c } f: func(x: e);", "enum e { a, c, b } f: func(x: e);", "c, b"},
	{"enum case renamed", "enum e { a, old } f: func(x: e);", "enum e { a, new } f: func(x: e);", "new"},
	{"enum of 257 cases", "enum e { " + numbered(256) + " } f: func(x: e);", "enum e { " + numbered(257) + " } f: func(x: e);", "enum {"},
	{"flag added", "flags s { a, b } f: func(x: s);", "flags s { a, b, extra } f: func(x: s);", "extra"},
	{"ninth flag", "flags s { " + numbered(8) + " } f: func(x: s);", "flags s { " + numbered(9) + " } f: func(x: s);", "x8"},
	{"17th flag", "flags s { " + numbered(16) + " } f: func(x: s);", "flags s { " + numbered(17) + " } f: func(x: s);", "x16"},
	{"flags reordered", "flags s { a, b, c } f: func(x: s);", "flags s { a, c, b } f: func(x: s);", "c, b"},
	{"flag renamed", "flags s { a, old } f: func(x: s);", "flags s { a, new } f: func(x: s);", "new"},
	{"enum to variant", "enum e { a, b } f: func(x: e);", "variant e { a, b } f: func(x: e);", "variant {"},
	{"borrow to own", "resource r; f: func(x: borrow<r>);", "resource r; f: func(x: own<r>);", "own<"},
	{"own to borrow of another", "resource r; resource s; f: func(x: borrow<r>);", "resource r; resource s; f: func(x: borrow<s>);", "s>"},
}

func numbered(n int) string {
	var labels []string
	for i := range n {
		labels = append(labels, fmt.Sprint("x", i))
	}
	return strings.Join(labels, ", ")
}

// changed is an interface of one version, and a guest that imports it and one
// that exports it.
type changed struct {
	iface             *wit.Interface
	importer, exports *rt.Component
}

func changedOf(t *testing.T, e *rt.Engine, contents string) changed {
	t.Helper()
	const source = "package acme:kv@1.0.0; interface store { %s } world guest { %s store; }"
	w, err := loadWorld(fmt.Sprintf(source, contents, "import"))
	if err != nil {
		t.Fatal(err)
	}
	return changed{
		w.Imports[0].Interface,
		(&guest{world: fmt.Sprintf(source, contents, "import")}).compile(t, e),
		(&guest{world: fmt.Sprintf(source, contents, "export")}).compile(t, e),
	}
}

// described is the interface as generated code describes it.
func (c changed) described() *abi.Interface {
	x := &abi.Interface{Name: c.iface.ID()}
	for _, t := range c.iface.Types {
		if _, ok := t.Type.(*wit.Resource); ok {
			x.Resources = append(x.Resources, t.Name)
		}
	}
	for _, f := range c.iface.Funcs {
		x.Funcs = append(x.Funcs, abi.FuncType{Name: f.Name, Type: wit.FuncText(f)})
	}
	return x
}

// host offers the interface without generated code.
func (c changed) host() rt.HostInstance {
	h := rt.HostInstance{Name: c.iface.ID(), Funcs: make(map[string]rt.HostFunc), Resources: make(map[string]*rt.ResourceType)}
	for _, r := range c.described().Resources {
		h.Resources[r] = rt.NewResourceType(r, nil)
	}
	for _, f := range c.iface.Funcs {
		h.Funcs[f.Name] = rt.HostFunc{Type: f, Call: func(context.Context, []rt.Value) (rt.Value, error) { return nil, nil }}
	}
	return h
}

// links tries all ways to bring a host of one version together with a guest of
// another, and returns their errors.
func links(t *testing.T, host, guest changed) map[string]error {
	errs := make(map[string]error)
	_, errs["generated import"] = guest.importer.Link(rt.World{Name: "acme:kv/host@1.0.0", Imports: []*abi.Interface{host.described()}})
	_, errs["generated export"] = guest.exports.Link(rt.World{Name: "acme:kv/host@1.0.0", Exports: []*abi.Interface{host.described()}})
	in, err := guest.importer.Instantiate(t.Context(), rt.InstanceConfig{Host: []rt.HostInstance{host.host()}})
	if errs["dynamic import"] = err; err == nil {
		in.Close(t.Context())
	}
	return errs
}

// TestFault33SilentChanges: a guest was built for an interface that has changed
// in a way which its core signatures do not show -> it is refused when it is
// linked, whoever has the newer one, and the error says in which function and
// what.
func TestFault33SilentChanges(t *testing.T) {
	e, err := rt.NewEngine(t.Context(), rt.Config{Interpreter: true})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(t.Context())
	for _, test := range silentChanges {
		t.Run(test.change, func(t *testing.T) {
			before, after := changedOf(t, e, test.before), changedOf(t, e, test.after)
			for _, options := range []func(*wit.Func, layout.Options) layout.Signature{layout.Lift, layout.Lower} {
				b, a := options(before.iface.Funcs[0], layout.Options{}), options(after.iface.Funcs[0], layout.Options{})
				if !slices.Equal(b.Params, a.Params) || !slices.Equal(b.Results, a.Results) {
					t.Fatalf("the change shows: %v -> %v", b, a)
				}
			}
			for _, v := range []changed{before, after} {
				for way, err := range links(t, v, v) {
					if err != nil {
						t.Errorf("%s: does not fit itself: %v", way, err)
					}
				}
			}
			for _, pair := range [][2]changed{{before, after}, {after, before}} {
				for way, err := range links(t, pair[0], pair[1]) {
					if _, ok := errors.AsType[*rt.LinkError](err); !ok {
						t.Errorf("%s: not refused: %v", way, err)
						continue
					}
					for _, want := range []string{`"acme:kv/store@1.0.0"`, `function "f"`, test.name} {
						if !strings.Contains(err.Error(), want) {
							t.Errorf("%s: %v lacks %q", way, err, want)
						}
					}
				}
			}
		})
	}
}
