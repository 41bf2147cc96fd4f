package wit_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/wit"
)

// The functions below write parts of components by hand, for what no encoder
// at hand knows and for what none would write. See Binary.md.

func bin(parts ...any) []byte {
	var b []byte
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			b = append(b, byte(p))
		case string: // a length and the text
			b = append(append(b, leb(len(p))...), p...)
		case []byte:
			b = append(b, p...)
		default:
			panic(p)
		}
	}
	return b
}

func leb(n int) []byte { return binary.AppendUvarint(nil, uint64(n)) }

func vec(items ...[]byte) []byte { return append(leb(len(items)), slices.Concat(items...)...) }

func section(id int, contents []byte) []byte { return bin(id, leb(len(contents)), contents) }

func component(sections ...[]byte) []byte {
	return append([]byte("\x00asm\x0d\x00\x01\x00"), slices.Concat(sections...)...)
}

func typesOf(types ...[]byte) []byte     { return section(7, vec(types...)) }
func importsOf(imports ...[]byte) []byte { return section(10, vec(imports...)) }

// decls for types of instances.
func instanceType(decls ...[]byte) []byte { return bin(0x42, vec(decls...)) }
func declType(t []byte) []byte            { return bin(0x01, t) }
func declAlias(up, index int) []byte      { return bin(0x02, 0x03, 0x02, leb(up), leb(index)) }
func declEq(name string, index int) []byte {
	return bin(0x04, 0x00, name, 0x03, 0x00, leb(index))
}
func declResource(name string) []byte { return bin(0x04, 0x00, name, 0x03, 0x01) }
func declFunc(name string, index int) []byte {
	return bin(0x04, 0x00, name, 0x01, leb(index))
}

// fn is the type of a function, of a kind, without parameters.
func fn(result ...any) []byte {
	if len(result) == 0 {
		return bin(0x40, 0x00, 0x01, 0x00)
	}
	return bin(0x40, 0x00, 0x00, bin(result...))
}

func importInstance(name []byte, index int) []byte { return bin(name, 0x05, leb(index)) }
func importFunc(name []byte, index int) []byte     { return bin(name, 0x01, leb(index)) }
func plainName(name string) []byte                 { return bin(0x00, name) }

const u8, str = 0x7d, 0x73

// decodeTest is a component, and the text or error that it is decoded to.
type decodeTest struct {
	name string
	wasm []byte
	want string
}

func decodeTests() []decodeTest {
	return []decodeTest{
		{"types", component(
			typesOf(instanceType(
				declType(bin(0x63, str, u8)), declEq("m", 0), // map
				declType(bin(0x67, u8, 4)), declEq("l", 2), // list of a fixed length
				declType(bin(0x66, 0x00)), declEq("s", 4), // stream without a type
				declType(bin(0x65, 0x01, 0x01)), declEq("f", 6), // future of the map
				declType(bin(0x43, vec(bin("a", 0x03)), 0x00, 0x05)), declFunc("call", 8), // async
			)),
			importsOf(importInstance(plainName("a:b/c@1.0.0"), 0)),
		), `package root:component;

world root {
  import a:b/c@1.0.0;
}

package a:b@1.0.0 {
  interface c {
    type m = map<string, u8>;
    type l = list<u8, 4>;
    type s = stream;
    type f = future<m>;

    call: async func(a: l) -> s;
  }
}
`},
		{"attributes of names", component(
			typesOf(instanceType(), fn(u8)),
			importsOf(
				importInstance(bin(0x02, "a:b/c@1.2", vec(bin(0x01, ".3"))), 0),
				importInstance(bin(0x02, "first", vec(bin(0x00, "a:b/c@1.2.3"), bin(0x02, "outside \"1\""))), 0),
				importInstance(bin(0x02, "second", vec(bin(0x00, "a:b/d"))), 0),
				importFunc(bin(0x02, "f", vec(bin(0x02, "F"))), 1),
			),
		), `package root:component;

world root {
  import a:b/c@1.2.3;

  @external-id("outside \"1\"")
  import first: a:b/c@1.2.3;

  import second: a:b/d;

  @external-id("F")
  import f: func() -> u8;
}

package a:b@1.2.3 {
  interface c {}
}

package a:b {
  interface d {}
}
`},
		{"a type that is used without a name", component(
			typesOf(instanceType(declType(bin(0x72, vec(bin("x", u8)))), declEq("rec", 0), declResource("res"))),
			importsOf(importInstance(plainName("a:b/c"), 0)),
			section(6, vec(bin(0x03, 0x00, 0x00, "rec"), bin(0x03, 0x00, 0x00, "res"))), // types 1 and 2
			typesOf(
				bin(0x69, 0x02), // own<res>
				bin(0x40, vec(bin("a", 0x01)), 0x00, 0x03),
				instanceType(declAlias(1, 1), declType(bin(0x40, vec(bin("a", 0x00)), 0x01, 0x00)), declFunc("g", 1)),
			),
			importsOf(importInstance(plainName("d:e/f"), 5), importFunc(plainName("h"), 4)),
		), `package root:component;

world root {
  import a:b/c;
  import d:e/f;

  use a:b/c.{rec, res};

  import h: func(a: rec) -> res;
}

package a:b {
  interface c {
    record rec {
      x: u8,
    }

    resource res;
  }
}

package d:e {
  interface f {
    use a:b/c.{rec};

    g: func(a: rec);
  }
}
`},
		{"functions of resources in any order", component(
			typesOf(instanceType(
				declResource("r"), declResource("s"), // types 0 and 1
				declType(bin(0x68, 0x00)), declType(bin(0x68, 0x01)), // borrow<r>, borrow<s>
				declType(bin(0x40, vec(bin("self", 0x02)), 0x01, 0x00)),
				declType(bin(0x40, vec(bin("self", 0x03)), 0x01, 0x00)),
				declType(fn()),
				declFunc("[method]s.a", 5), declFunc("f", 6), declFunc("[method]r.a", 4), declFunc("[method]s.b", 5), declFunc("[static]r.b", 6),
			)),
			importsOf(importInstance(plainName("x"), 0)),
		), `package root:component;

world root {
  import x: interface {
    resource r {
      a: func();
      b: static func();
    }

    f: func();

    resource s {
      a: func();
      b: func();
    }
  }
}
`},
		{"modules and values are no part of a world", component(
			section(3, vec(bin(0x50, 0x00))), // the type of a core module
			importsOf(bin(plainName("m"), 0x00, 0x11, 0x00), bin(plainName("v"), 0x02, 0x01, u8)),
		), "package root:component;\n\nworld root {}\n"},
		{"a lifted function", component(
			typesOf(bin(0x40, vec(bin("a", str)), 0x00, u8)),
			section(8, vec(bin(0x00, 0x00, 0x00, vec(bin(0x03, 0x00), bin(0x00)), 0x00), bin(0x05))),
			section(11, vec(bin(plainName("run"), 0x01, 0x00, 0x00))),
		), "package root:component;\n\nworld root {\n  export run: func(a: string) -> u8;\n}\n"},
	}
}

func TestDecodeNew(t *testing.T) {
	for _, tt := range decodeTests() {
		t.Run(tt.name, func(t *testing.T) {
			p, err := wit.Decode("x.wasm", tt.wasm)
			if err != nil {
				t.Fatal(err)
			}
			if got := wit.Print(p, p.Deps...); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			checkPrint(t, p)
		})
	}
}

func decodeErrorTests() []decodeTest {
	inInstance := func(decls ...[]byte) []byte {
		return component(typesOf(instanceType(decls...)), importsOf(importInstance(plainName("a:b/c"), 0)))
	}
	root := func(types [][]byte, imports ...[]byte) []byte {
		return component(typesOf(types...), importsOf(imports...))
	}
	deep := bin(0x42, 0x00)
	for range 200 {
		deep = instanceType(declType(deep))
	}
	return []decodeTest{
		{"nothing", nil, "offset 0x0: no component"},
		{"text", []byte("package a:b;"), "offset 0x0: no component: it does not begin with \\0asm"},
		{"a core module", []byte("\x00asm\x01\x00\x00\x00"), "offset 0x0: a core module, where a component is wanted"},
		{"another version", []byte("\x00asm\x0c\x00\x01\x00"), "unknown version 0c 00 01 00"},
		{"a section cut off", append(component(), 7, 10, 1), "offset 0xa: unexpected end: 10 bytes wanted, 1 left"},
		{"an unknown section", component(section(13, nil)), "offset 0x8: unknown section 13"},
		{"bytes behind a section", component(section(7, []byte{0, 1})), "offset 0xb: 1 bytes behind the end of the section"},
		{"a long integer", append(component(), 7, 0x80, 0x80, 0x80, 0x80, 0x10), "offset 0x9: integer does not fit 32 bits"},
		{"more types than bytes", component(section(7, bin(0xff, 0xff, 0xff, 0x07))), "types in 0 bytes"},
		{"an unknown type", root([][]byte{{0x01}}), "offset 0xb: unknown type 0x01"},
		{"an unknown sort", component(importsOf(bin(plainName("a"), 0x06))), "unknown sort 0x06"},
		{"a name that is not UTF-8", component(importsOf(bin(plainName("\xff"), 0x01, 0x00))), "a name that is not UTF-8"},
		{"an unknown attribute", component(importsOf(bin(0x02, "a", vec(bin(0x03, "x")), 0x01, 0x00))), "unknown attribute 0x03 of a name"},
		{"an attribute twice", component(importsOf(bin(0x02, "a", vec(bin(0x02, "x"), bin(0x02, "x")), 0x01, 0x00))), "stands twice"},
		{"an unknown canonical definition", component(section(8, vec([]byte{0x77}))), "unknown canonical definition 0x77"},
		{"a core type in a type", inInstance([]byte{0x00}), "a type of core WebAssembly"},
		{"types nest deep", component(typesOf(deep)), "nest more than 100 deep"},

		{"a type that is not there", root(nil, importFunc(plainName("f"), 3)), "type 3 is not defined here"},
		{"a type that is defined later", root([][]byte{bin(0x70, 0x01), bin(0x70, u8), fn(0x00)}, importFunc(plainName("f"), 2)), "type 1 is not defined here"},
		{"a function of another type", root([][]byte{bin(0x70, u8)}, importFunc(plainName("f"), 0)), "type 0 is not that of a function"},
		{"an instance of another type", root([][]byte{fn()}, importInstance(plainName("a:b/c"), 0)), "not that of an instance"},
		{"an alias out of everything", component(section(6, vec(bin(0x03, 0x02, 0x01, 0x00)))), "goes up 1 scopes"},
		{"an alias of nothing", component(section(6, vec(bin(0x03, 0x02, 0x00, 0x00)))), "type 0 is not defined here"},
		{"an export that an instance has not", component(typesOf(instanceType()), importsOf(importInstance(plainName("a:b/c"), 0)),
			section(6, vec(bin(0x03, 0x00, 0x00, "x")))), `instance 0 has no type "x"`},
		{"an export twice", inInstance(declResource("r"), declResource("r")), `export "r" stands twice`},
		{"an instance without an argument", component(
			section(4, component(typesOf(fn()), importsOf(importFunc(plainName("f"), 0)))),
			section(5, vec(bin(0x00, 0x00, 0x00)))), `there is no argument for import "f"`},

		{"a name of no form", root([][]byte{fn()}, importFunc(plainName("Not_a name"), 0)), `"Not_a name" is no name`},
		{"the text of a name", root([][]byte{fn()}, importFunc(plainName("f: func(); import g"), 0)), "is no name"},
		{"an interface with a wrong version", root([][]byte{instanceType()}, importInstance(plainName("a:b/c@1"), 0)), `"1" is no version`},
		{"an interface of a package in a package", root([][]byte{instanceType()}, importInstance(plainName("a:b:c/d"), 0)), "is no name"},
		{"async in a name", inInstance(declType(fn()), declFunc("[async]f", 0)), `"[async]f" is no name`},
		{"a record without a name", inInstance(declType(bin(0x72, vec(bin("x", u8)))), declType(fn(0x00)), declFunc("f", 1)), "type 0 has no name in interface a:b/c"},
		{"a resource for a value", inInstance(declResource("r"), declType(fn(0x00)), declFunc("f", 1)), "is a resource, where a type of values is wanted"},
		{"a handle to no resource", inInstance(declType(bin(0x70, u8)), declEq("l", 0), declType(bin(0x69, 0x01)), declType(fn(0x02)), declFunc("f", 3)), "which is no resource"},
		{"a function for a value", inInstance(declType(fn()), declType(fn(0x00)), declFunc("f", 1)), "no type of values"},
		{"a method of nothing", inInstance(declType(fn()), declFunc("[method]r.m", 0)), "there is no resource r"},
		{"a method without self", inInstance(declResource("r"), declType(fn()), declFunc("[method]r.m", 1)), "the first parameter of [method]r.m"},
		{"a constructor of something else", inInstance(declResource("r"), declType(fn(u8)), declFunc("[constructor]r", 1)), "does not return the resource"},
		{"a result that is lent", inInstance(declResource("r"), declType(bin(0x68, 0x00)), declType(fn(0x01)), declFunc("f", 2)), "has a `borrow` in it"},
		{"a key that is no key", inInstance(declType(bin(0x70, u8)), declType(bin(0x63, 0x00, u8)), declEq("m", 1)), "the key of a map"},
		{"an enum of nothing", inInstance(declType(bin(0x6d, 0x00)), declEq("e", 0)), "has no cases"},
		{"an interface that differs from itself", root([][]byte{
			instanceType(declType(bin(u8)), declEq("t", 0)), instanceType(declType(bin(str)), declEq("t", 0))},
			importInstance(plainName("a:b/c"), 0), importInstance(bin(0x02, "x", vec(bin(0x00, "a:b/c"))), 1)), "interface a:b/c has two types t, which differ"},
		{"functions that differ", root([][]byte{
			instanceType(declType(fn()), declFunc("f", 0)), instanceType(declType(fn(u8)), declFunc("f", 0))},
			importInstance(plainName("a:b/c"), 0), importInstance(bin(0x02, "x", vec(bin(0x00, "a:b/c"))), 1)), "interface a:b/c has two functions f, which differ"},
		{"two imports of one name", root([][]byte{fn()}, importFunc(plainName("f"), 0), importFunc(plainName("f"), 0)), "two imports f"},
		{"packages in a circle", component(
			typesOf(instanceType(declResource("r"))),
			importsOf(importInstance(plainName("a:a/i"), 0)),
			section(6, vec(bin(0x03, 0x00, 0x00, "r"))), // type 1
			typesOf(instanceType(declAlias(1, 1), declEq("x", 0), declResource("s"))),
			importsOf(importInstance(plainName("b:b/j"), 2)),
			section(6, vec(bin(0x03, 0x00, 0x01, "s"))), // type 3
			typesOf(instanceType(declAlias(1, 3), declEq("t", 0))),
			importsOf(importInstance(bin(0x02, "again", vec(bin(0x00, "a:a/i"))), 4)),
		), "depends on itself"},
		{"an unknown form of documentation", component(section(0, bin("package-docs", 2))), "the documentation is of an unknown form"},
		{"documentation that is no JSON", component(section(0, bin("package-docs", 1, []byte("{")))), "the documentation: unexpected end"},
	}
}

func TestDecodeErrors(t *testing.T) {
	for _, tt := range decodeErrorTests() {
		t.Run(tt.name, func(t *testing.T) {
			_, err := wit.Decode("x.wasm", tt.wasm)
			if err == nil || !strings.HasPrefix(err.Error(), "x.wasm:") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestDecodeHostile decodes components that ask for far more than they
// contain.
func TestDecodeHostile(t *testing.T) {
	const n = 60
	var tuples [][]byte
	tuples = append(tuples, declType(bin(0x6f, vec([]byte{u8}, []byte{u8}))))
	for i := range n {
		tuples = append(tuples, declType(bin(0x6f, vec(leb(i), leb(i)))))
	}
	tuples = append(tuples, declType(fn(leb(n))), declFunc("f", n+1))

	instances := [][]byte{instanceType()}
	for i := range n {
		instances = append(instances, instanceType(bin(0x02, 0x03, 0x02, 0x01, leb(i)),
			bin(0x04, 0x00, "a", 0x05, 0x00), bin(0x04, 0x00, "b", 0x05, 0x00)))
	}

	// Each component has two instances of the one before.
	components := [][]byte{section(4, component())}
	for i := range n {
		components = append(components, section(4, component(
			section(6, vec(bin(0x04, 0x02, 0x01, leb(i)))),
			section(5, vec(bin(0x00, 0x00, 0x00), bin(0x00, 0x00, 0x00))),
		)))
	}
	components = append(components, section(5, vec(bin(0x00, leb(n), 0x00))))

	aliases := [][]byte{declType(bin(u8))}
	for i := range 30000 {
		aliases = append(aliases, declEq(fmt.Sprintf("a%d", i), i))
	}
	tests := []struct {
		name string
		wasm []byte
		want string
	}{
		{"tuples", component(typesOf(instanceType(tuples...)), importsOf(importInstance(plainName("a:b/c"), 0))), "too large"},
		{"instances", component(typesOf(instances...), importsOf(importInstance(plainName("a:b/c"), n))), "too intricate"},
		{"components", component(components...), "too intricate"},
		{"aliases", component(typesOf(instanceType(aliases...)), importsOf(importInstance(plainName("a:b/c"), 0))), ""}, // these are all right
	}
	for _, tt := range tests {
		start := time.Now()
		_, err := wit.Decode("x.wasm", tt.wasm)
		if (err != nil) != (tt.want != "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s: it took %s", tt.name, took)
		}
	}
	// Whatever is cut off of a component is an error.
	types := typesOf(instanceType(declType(bin(0x63, str, u8)), declEq("m", 0)))
	whole := component(types, importsOf(importInstance(plainName("a:b/c"), 0)))
	for i := range whole {
		ends := i == len(component()) || i == len(component(types)) // with a section
		if _, err := wit.Decode("x.wasm", whole[:i]); (err == nil) != ends {
			t.Errorf("the first %d bytes: %v", i, err)
		} else if _, ok := errors.AsType[wit.Errors](err); ok {
			t.Errorf("the first %d bytes are wrong as text: %v", i, err)
		}
	}
}

// FuzzDecode checks that what is decoded can be printed and loaded again.
func FuzzDecode(f *testing.F) {
	for _, dir := range []string{"testdata/encoded", "../examples/plugins/guests/c", filepath.Join(shared, "wit-corpus/ui/kinds-of-deps/deps")} {
		names, err := filepath.Glob(filepath.Join(dir, "*.wasm"))
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range names {
			if wasm, err := os.ReadFile(name); err == nil && len(wasm) < 1<<13 {
				f.Add(wasm)
			}
		}
	}
	for _, tt := range append(decodeTests(), decodeErrorTests()...) {
		f.Add(tt.wasm)
	}
	f.Fuzz(func(t *testing.T, wasm []byte) {
		p, err := wit.Decode("x.wasm", wasm)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "x.wasm:") {
				t.Fatalf("an error without a place: %v", err)
			}
			return
		}
		checkPrint(t, p)
	})
}
