package types_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/internal/types"
)

type invalid struct{ name, wasm, want string }

func refuse(t *testing.T, tests []invalid) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := checkBytes(t, test.wasm)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
			if _, ok := errors.AsType[*types.Error](err); !ok {
				t.Errorf("%v has no position", err)
			}
		})
	}
}

// nothing is a function type without parameters and results, as type 0; rec is
// a record.
var (
	nothing = def(secType, fn(""))
	rec     = record("x", u32)
)

func TestInvalidTypes(t *testing.T) {
	refuse(t, []invalid{
		{"empty record", def(secType, record()), "record type must have at least one field"},
		{"empty flags", def(secType, "\x6e\x00"), "flags must have 1 to 32 names"},
		{"index out of bounds", def(secType, "\x70\x05"), "type 0: unknown type 5: index out of bounds, there are 0"},
		{"list of functions", nothing + def(secType, "\x70\x00"), "type 0 is not a value type"},
		{"fixed list of none", def(secType, "\x67\x7d\x00"), "a list of fixed length must have elements"},
		{"map by floats", def(secType, "\x63"+f32+u8), "the keys of a map"},
		{"map by lists", def(secType, "\x70"+u8, "\x63\x00"+u8), "the keys of a map"},
		{"own of a list", def(secType, "\x70"+u8, own(0)), "type 0 is not a resource"},
		{"stream of characters", def(secType, "\x66\x01"+char), "stream<char>"},
		{"stream of borrows", def(secType, resource, borrow(0), "\x66\x01\x01"), "a stream cannot carry borrowed handles"},
		{"future of borrows", def(secType, resource, borrow(0), "\x70\x01", "\x65\x01\x02"), "a future cannot carry borrowed handles"},
		{"borrow in a result", def(secType, resource, borrow(0), "\x6b\x01", fn("\x02")), "the result of a function cannot have borrowed handles"},
		{"fields alike", def(secType, record("a", u8, "A", u8)), `type 0: field "A" is not unique: it conflicts with "a"`},
		{"case not a label", def(secType, variant("aB")), `case: label "aB" is not in kebab case`},
		{"enum cases alike", def(secType, enum("a-b", "a", "A-B")), `case "A-B" is not unique`},
		{"flags alike", def(secType, "\x6e\x02\x01a\x01a"), `flag "a" is not unique`},
		{"parameters alike", def(secType, fn("", "a", u8, "A", u8)), `parameter "A" is not unique`},
		{"value of 2^28 bytes", def(secType, "\x67"+u8+"\x80\x80\x80\x80\x01"), "a value can take 268435456 bytes, at most 268435455"},
		{"strings of 2^28 bytes", def(secType, "\x67"+str+"\x80\x80\x80\x08"), "a value can take 268435456 bytes"},
		{"padding counts", def(secType, "\x67"+u32+"\xfe\xff\xff\x1f", record("a", u8, "b", "\x00", "c", u8)), "a value can take 268435456 bytes"},
		{"resource in an instance type", def(secType, instanceType(declType(resource))), "type 0: type 0: resources can only be defined"},
		{"resource of f32", def(secType, "\x3f\x7d\x00"), "resources can only be represented by i32"},
		{"alias of a function in a type", def(secType, fn(""), instanceType(
			declType(instanceType(declOuter(2, 0), declExport("f", asFunc(0)))), declExport("i", asInstance(0)), "\x02\x01\x00\x00\x01f")),
			"type 1: aliases inside a type are for"},
		{"outer alias too far", def(secAlias, "\x03\x02\x01\x00"), "there are fewer than 1 enclosing scopes"},
		{"outer alias of a resource", def(secType, resource) + component(def(secAlias, "\x03\x02\x01\x00")),
			"component 0: outer alias: type 0 refers to resources of another component"},
		{"outer alias of an instance type with one", def(secType, resource, instanceType(declOuter(1, 0), declExport("r", asType(0)))) +
			component(def(secAlias, "\x03\x02\x01\x01")), "type 1 refers to resources of another component"},
	})
}

func TestInvalidNames(t *testing.T) {
	res := def(secType, resource) // type 0; exported it is type 1
	exp := def(secExport, exported("r", typeRef(0)))
	imp := def(secImport, plain("r")+asResource)
	refuse(t, []invalid{
		{"not a name", nothing + def(secImport, plain("1")+asFunc(0)), `at 0x12: import "1": label "1" is not in kebab case`},
		{"name too long", nothing + def(secImport, plain(strings.Repeat("a", 1001))+asFunc(0)), "name is too long: 1001 bytes, at most 1000 are allowed"},
		{"import twice", nothing + def(secImport, plain("a")+asFunc(0), plain("A")+asFunc(0)), `import "A": name is not unique: it conflicts with "a"`},
		{"export twice", nothing + def(secImport, plain("f")+asFunc(0)) + def(secExport, exported("a", funcRef(0)), exported("a", funcRef(0))), `export "a": name is not unique`},
		{"export of a bag twice", nothing + def(secImport, plain("f")+asFunc(0)) + def(secInstance, bag("a", funcRef(0), "A", funcRef(0))), `instance 0: export "A": name is not unique`},
		{"method of nothing", nothing + def(secImport, plain("[method]r.m")+asFunc(0)), `there is no resource of the name "r" here`},
		{"method without self", imp + def(secType, fn("")) + def(secImport, plain("[method]r.m")+asFunc(1)), `the first parameter of a method of "r" must be self: borrow<r>`},
		{"method owns itself", imp + def(secType, own(0), fn("", "self", "\x01")) + def(secImport, plain("[method]r.m")+asFunc(2)), "must be self: borrow<r>"},
		{"method of another", imp + def(secImport, plain("s")+asResource) + def(secType, borrow(1), fn("", "self", "\x02")) + def(secImport, plain("[method]r.m")+asFunc(3)), "must be self: borrow<r>"},
		{"constructor of nothing", imp + def(secType, fn("")) + def(secImport, plain("[constructor]r")+asFunc(1)), `a constructor of "r" must return it`},
		{"constructor in an option", imp + def(secType, own(0), "\x6b\x01", fn("\x02")) + def(secImport, plain("[constructor]r")+asFunc(3)), `a constructor of "r" must return it`},
		{"static of an instance", imp + def(secType, instanceType()) + def(secImport, plain("[static]r.s")+asInstance(1)), "names with an annotation are for functions, not for an instance"},
		{"method named as its resource", imp + def(secType, borrow(0), fn("", "self", "\x01")) + def(secImport, plain("[method]r.r")+asFunc(2)), `it conflicts with "r"`},
		{"exported method of an import", imp + def(secType, borrow(0), fn("", "self", "\x01")) + def(secImport, plain("f")+asFunc(2)) +
			def(secExport, exported("[method]r.m", funcRef(0))), `export "[method]r.m": there is no resource of the name "r" here`},
		{"constructor in a bag", res + exp + def(secType, own(1), fn("\x02")) + def(secInstance, bag("r", typeRef(1))) + imported3 +
			def(secInstance, bag("r", typeRef(1), "[static]r.s", funcRef(0))), `instance 1: export "[static]r.s": there is no resource`},
		{"implements twice", def(secType, instanceType()) + def(secImport, "\x02\x01a\x02\x00\x05a:b/c\x00\x05a:b/c"+asInstance(0)), "an attribute is given twice"},
		{"implements of a function", nothing + def(secImport, "\x02\x01a\x01\x00\x05a:b/c"+asFunc(0)), "only instances can have an implements attribute, not a function"},
		{"implements of an interface name", def(secType, instanceType()) + def(secImport, "\x02\x05x:y/z\x01\x00\x05a:b/c"+asInstance(0)), "only plain names can have an implements attribute"},
		{"implements no interface", def(secType, instanceType()) + def(secImport, "\x02\x01a\x01\x00\x01b"+asInstance(0)), `implements: "b" is not the name of an interface`},
		{"suffix of no version", def(secType, instanceType()) + def(secImport, "\x02\x05a:b/c\x01\x01\x02.1"+asInstance(0)), "the name has no canonical version"},
		{"suffix of a whole version", def(secType, instanceType()) + def(secImport, "\x02\x0ba:b/c@0.2.1\x01\x01\x02.1"+asInstance(0)), "the name has no canonical version"},
		{"suffix that leads nowhere", def(secType, instanceType()) + def(secImport, "\x02\x09a:b/c@0.2\x01\x01\x02.x"+asInstance(0)), `"0.2.x" is not a version`},
		{"suffix of spaces", def(secType, instanceType()) + def(secImport, "\x02\x09a:b/c@0.2\x01\x01\x02 1"+asInstance(0)), "characters that no version has"},
	})
}

// imported3 imports a function of no parameters, by a type that it defines as
// type 4.
var imported3 = def(secType, fn("")) + def(secImport, plain("f")+asFunc(4))

func TestInvalidVisibility(t *testing.T) {
	refuse(t, []invalid{
		{"import of a record's user", def(secType, rec, fn("\x00")) + def(secImport, plain("f")+asFunc(1)),
			`import "f": the function refers to record { x: u32 } by a type index that no earlier import makes`},
		{"inside a list", def(secType, enum("a"), "\x70\x00", fn("", "p", "\x01")) + def(secImport, plain("f")+asFunc(2)), "refers to enum { a }"},
		{"inside a record that is named", def(secType, rec, record("r", "\x00")) + def(secImport, plain("t")+asType(1)), `import "t": the type refers to record { x: u32 }`},
		{"by the old index", def(secType, resource, own(0), fn("\x01")) + def(secExport, exported("r", typeRef(0)), exported("i", typeRef(2))),
			`export "i": the type refers to r by a type index that no earlier import or export makes`},
		{"import by an export's", def(secType, resource) + def(secExport, exported("r", typeRef(0))) + def(secType, own(1), fn("\x02")) +
			def(secImport, plain("f")+asFunc(3)), `import "f": the function refers to r by a type index that no earlier import makes`},
		{"instance", def(secType, instanceType(declType(variant("v")), declType(fn("\x00")), declExport("f", asFunc(1)))) +
			def(secImport, plain("i")+asInstance(0)), `import "i": the instance refers to variant { v }`},
		{"component type", def(secType, componentType(declType(rec), declType(fn("\x00")), declExport("f", asFunc(1)))),
			`type 0: export "f": the function refers to record`},
		{"parent's name", def(secType, rec) + def(secImport, plain("t")+asType(0)) +
			component(def(secAlias, "\x03\x02\x01\x01")+def(secType, fn("\x00"))+def(secImport, plain("f")+asFunc(1))),
			`component 0: import "f": the function refers to record`},
		{"local resource in an import", def(secType, resource, componentType(declOuter(1, 0), declExport("r", asType(0)))) +
			def(secImport, plain("c")+asComponent(1)), "an import refers to a resource that is not imported before it"},
		{"hidden resource in an exported component", def(secType, componentType(
			declImport("r", asResource), declType(componentType(declOuter(1, 0), declExport("x", asType(0)))), declExport("c", asComponent(1)))) +
			def(secImport, plain("k")+asComponent(0)) + def(secType, resource) + def(secInstance, instantiate(0, "r", typeRef(1))) +
			def(secAlias, alias("\x04", 0, "c")) + def(secExport, exported("c", componentRef(1))),
			"an export refers to a resource that is neither imported nor exported"},
		{"exported resource in an imported component", def(secType, componentType(
			declExport("r", asResource),
			declType(componentType(declOuter(1, 0), declExport("x", asType(0)))), declImport("c", asComponent(1)))),
			"type 0: an import refers to a resource that is exported, not imported"},
	})
}

func TestInvalidInstances(t *testing.T) {
	// Component 0 imports a record as "t", and as "f" a function of it.
	wantsRecord := component(def(secType, rec) + def(secImport, plain("t")+asType(0)) + def(secType, fn("\x01")) + def(secImport, plain("f")+asFunc(2)))
	wantsResource := component(def(secImport, plain("r")+asResource))
	refuse(t, []invalid{
		{"missing argument", wantsResource + def(secInstance, instantiate(0)), `instance 0: component 0: missing argument for import "r"`},
		{"argument twice", wantsResource + def(secType, resource) + def(secInstance, instantiate(0, "r", typeRef(0), "r", typeRef(0))), `argument "r" is given twice`},
		{"argument of another sort", wantsResource + def(secInstance, bag(), instantiate(0, "r", instanceRef(0))), `argument "r" of component 0: want a type, have an instance`},
		{"no resource", wantsResource + def(secType, rec) + def(secInstance, instantiate(0, "r", typeRef(0))), "want a resource, have another type"},
		{"another record", wantsRecord + def(secType, record("x", u8)) + def(secInstance, instantiate(0, "t", typeRef(0))), "want record { x: u32 }, have record { x: u8 }"},
		{"function of another type", wantsRecord + def(secType, rec, fn(u32)) + def(secImport, plain("g")+asFunc(1)) +
			def(secInstance, instantiate(0, "t", typeRef(0), "f", funcRef(0))), `argument "f" of component 0: want func() -> record { x: u32 }, have func() -> u32`},
		{"another resource of that name", component(def(secImport, plain("r")+asResource)+def(secType, own(0))+def(secImport, plain("t")+asType(1))) +
			def(secType, resource, resource, own(1)) + def(secInstance, instantiate(0, "r", typeRef(0), "t", typeRef(2))), "want own<>, have another resource of that name"},
		{"type of another kind", component(def(secType, fn(""))+def(secImport, plain("t")+asType(0))) + def(secType, componentType()) +
			def(secInstance, instantiate(0, "t", typeRef(0))), "want a type of another kind"},
		{"type of an instance that exports less", component(def(secType, exportsF)+def(secImport, plain("t")+asType(0))) + def(secType, instanceType()) +
			def(secInstance, instantiate(0, "t", typeRef(0))), `argument "t" of component 0: missing export "f"`},
		{"component that exports less", component() + component(def(secType, componentType(declType(fn("")), declExport("f", asFunc(0))))+def(secImport, plain("c")+asComponent(0))) +
			def(secInstance, instantiate(1, "c", componentRef(0))), `argument "c" of component 1: missing export "f"`},
		{"component that imports more", nothing + component(def(secType, fn(""))+def(secImport, plain("f")+asFunc(0))) +
			component(def(secType, componentType())+def(secImport, plain("c")+asComponent(0))) +
			def(secInstance, instantiate(1, "c", componentRef(0))), `it imports "f", which is not wanted`},
		{"resources of two instances", component(def(secType, resource)+def(secExport, exported("r", typeRef(0)))) +
			component(def(secImport, plain("a")+asResource)+def(secImport, plain("b")+asType(0))) +
			def(secInstance, instantiate(0), instantiate(0)) + def(secAlias, alias("\x03", 0, "r"), alias("\x03", 1, "r")) +
			def(secInstance, instantiate(1, "a", typeRef(0), "b", typeRef(1))), "have another resource of that name"},
		{"ascribed type that exports more", def(secType, instanceType(), exportsF) + def(secImport, plain("i")+asInstance(0)) +
			def(secExport, ascribed("j", instanceRef(0), asInstance(1))), `export "j": ascribed type does not fit: missing export "f"`},
		{"ascribed type hides", def(secType, exportsF, instanceType()) + def(secImport, plain("i")+asInstance(0)) +
			def(secExport, ascribed("j", instanceRef(0), asInstance(1))) + def(secAlias, alias("\x01", 1, "f")), `instance 1 has no export named "f"`},
		{"ascribed resource is another", def(secType, resource) + def(secExport, exported("a", typeRef(0)), ascribed("b", typeRef(0), asResource)) +
			component(def(secImport, plain("a")+asResource)+def(secImport, plain("b")+asType(0))) +
			def(secInstance, instantiate(0, "a", typeRef(1), "b", typeRef(2))), "want a, have b"},
		{"alias of another sort", nothing + def(secImport, plain("f")+asFunc(0)) + def(secInstance, bag("f", funcRef(0))) +
			def(secAlias, alias("\x05", 0, "f")), `export "f" of instance 0 is a function`},
	})
}

func TestInvalidCanon(t *testing.T) {
	f := def(secImport, plain("f")+asFunc(0))
	async := def(secType, "\x43\x00\x01\x00") + f // an async function as function 0
	// Core function 0 is [] -> [i32], core memory 0 one page.
	core := module("\x01\x05\x01\x60\x00\x01\x7f", "\x03\x02\x01\x00", "\x05\x03\x01\x00\x01", "\x07\x09\x02\x01f\x00\x00\x01m\x02\x00", "\x0a\x06\x01\x04\x00\x41\x00\x0b") +
		def(secCoreInst, "\x00\x00\x00") + def(secAlias, "\x00\x00\x01\x00\x01f", "\x00\x02\x01\x00\x01m")
	// Core memory 0 is shared.
	shared := module("\x05\x04\x01\x03\x01\x01", "\x07\x05\x01\x01m\x02\x00") + def(secCoreInst, "\x00\x00\x00") + def(secAlias, "\x00\x02\x01\x00\x01m")
	refuse(t, []invalid{
		{"lift of nothing", nothing + def(secCanon, "\x00\x00\x00\x00\x00"), "canon lift: unknown core function 0"},
		{"lift of another type", nothing + core + def(secCanon, "\x00\x00\x00\x00\x00"), "core function 0 has type [] -> [i32], func() is lifted from [] -> []"},
		{"lower of nothing", def(secCanon, "\x01\x00\x00\x00"), "unknown function 0"},
		{"lower without memory", def(secType, fn("", "s", str)) + f + def(secCanon, "\x01\x00\x00\x00"), "canonical option memory is required"},
		{"lower without realloc", def(secType, fn(str)) + f + core + def(secCanon, "\x01\x00\x00\x01\x03\x00"), "canonical option realloc is required"},
		{"realloc of another type", nothing + f + core + def(secCanon, "\x01\x00\x00\x02\x04\x00\x03\x00"), "realloc has core type [] -> [i32]"},
		{"shared memory", nothing + f + shared + def(secCanon, "\x01\x00\x00\x01\x03\x00"), "core memory 0 is shared"},
		{"two encodings", nothing + f + def(secCanon, "\x01\x00\x00\x02\x00\x01"), "canonical option utf16 is given twice, or with another of its kind"},
		{"post-return of a lower", nothing + f + core + def(secCanon, "\x01\x00\x00\x01\x05\x00"), "post-return does not go with lower"},
		{"async of a sync function", nothing + f + def(secCanon, "\x01\x00\x00\x01\x06"), "async goes with async functions only"},
		{"callback without async", async + core + def(secCanon, "\x01\x00\x00\x01\x07\x00"), "callback requires async"},
		{"callback of another type", async + core + def(secCanon, "\x01\x00\x00\x02\x06\x07\x00"), "callback has core type [] -> [i32]"},
		{"drop of a function", nothing + def(secCanon, "\x03\x00"), "type 0 is not a resource"},
		{"rep of an import", def(secImport, plain("r")+asResource) + def(secCanon, "\x04\x00"), "type 0 is not a local resource"},
		{"rep of a child's", component(def(secType, resource)+def(secExport, exported("r", typeRef(0)))) + def(secInstance, instantiate(0)) +
			def(secAlias, alias("\x03", 0, "r")) + def(secCanon, "\x04\x00"), "type 0 is not a local resource"},
		{"task.return with async", def(secCanon, "\x09\x01\x00\x01\x06"), "only the canonical options memory and string-encoding"},
		{"task.return of a string", def(secCanon, "\x09\x00"+str+"\x00"), "canon task.return: canonical option memory is required"},
		{"context slot", def(secCanon, "\x0a\x7f\x02"), "there is no context slot 2"},
		{"context of floats", def(secCanon, "\x0a\x7d\x00"), "context values are of type i32, not f32"},
		{"read of a future as a stream", def(secType, "\x65\x00") + def(secCanon, "\x0f\x00\x00"), "type 0 is not a stream"},
		{"new of a function", nothing + def(secCanon, "\x15\x00"), "type 0 is not a future"},
		{"read of bytes without memory", def(secType, "\x66\x01"+u8) + def(secCanon, "\x0f\x00\x01\x06"), "canonical option memory is required"},
		{"read of strings without realloc", def(secType, "\x65\x01"+str) + core + def(secCanon, "\x16\x00\x02\x06\x03\x00"), "canonical option realloc is required"},
		{"wait without memory", def(secCanon, "\x20\x00\x00"), "unknown core memory 0"},
		{"error-context.new without memory", def(secCanon, "\x1c\x00"), "canonical option memory is required"},
		{"thread of another type", def(secCoreType, "\x60\x00\x00") + def(secCanon, "\x27\x00\x00"), "core type 0 is not [i32] -> []"},
		{"thread without table", def(secCoreType, "\x60\x01\x7f\x00") + def(secCanon, "\x27\x00\x00"), "unknown core table 0"},
		{"invalid after what is not supported", def(secCanon, "\x1f") + nothing + def(secCanon, "\x03\x00"), "type 0 is not a resource"},
		{"deep inside", component(component(def(secCanon, "\x03\x00"))), "at 0x1f: component 0: component 0: canon resource.drop: unknown type 0"},
	})
}

func TestInvalidCore(t *testing.T) {
	moduleType := func(decls ...string) string { return def(secCoreType, "\x50"+vector(decls...)) }
	funcType := "\x01\x60\x00\x00" // declares [] -> []
	// instantiates module 1 with the exports of module 0 as "".
	linked := def(secCoreInst, "\x00\x00\x00", "\x00\x01\x01\x00\x12\x00")
	exports := func(sections string, kind byte) string {
		return module(sections, "\x07\x05\x01\x01x"+string([]byte{kind})+"\x00")
	}
	imports := func(extern string) string {
		return module("\x01\x04\x01\x60\x00\x00", section(2, "\x01\x00\x01x"+extern))
	}
	refuse(t, []invalid{
		{"type of a function", moduleType("\x03\x01f\x00\x00"), `core type 0: "f": unknown core type 0`},
		{"import twice", moduleType(funcType, "\x00\x00\x01f\x00\x00", "\x00\x00\x01f\x00\x00"), `duplicate import "" "f"`},
		{"export twice", moduleType(funcType, "\x03\x01f\x00\x00", "\x03\x01f\x00\x00"), `duplicate export "f"`},
		{"module's import twice", module("\x01\x04\x01\x60\x00\x00", "\x02\x0b\x02\x00\x01f\x00\x00\x00\x01f\x00\x00"), `core module 0: duplicate import "" "f"`},
		{"module's export of nothing", module("\x07\x05\x01\x01f\x00\x00"), `core module 0: export "f": unknown func 0`},
		{"memory too large", moduleType("\x00\x00\x01m\x02\x00\x81\x80\x04"), "memory size must be at most 65536 pages"},
		{"limits the wrong way round", moduleType("\x00\x00\x01t\x01\x70\x01\x02\x01"), "its minimum 2 is greater than its maximum 1"},
		{"shared without maximum", moduleType("\x00\x00\x01m\x02\x02\x01"), "a shared memory must have a maximum"},
		{"module type in a module type", moduleType("\x01\x50\x00"), "cannot have core module types in it"},
		{"alias of a module type", moduleType() + moduleType("\x02\x10\x01\x01\x00"), "cannot have core module types in it"},
		{"alias of what is not there", moduleType("\x02\x10\x01\x01\x00"), "unknown core type 0"},
		{"alias too far", moduleType("\x02\x10\x01\x03\x00"), "there are fewer than 3 enclosing scopes"},
		{"no argument", imports("\x00\x00") + def(secCoreInst, "\x00\x00\x00"), `core instance 0: core module 0 imports "" "x", and no argument has that name`},
		{"no such export", module() + imports("\x00\x00") + linked, `core module 1 imports "" "x", which its argument does not export`},
		{"another sort", exports("\x05\x03\x01\x00\x01", 2) + imports("\x00\x00") + linked, "want a func, have a memory"},
		{"memory too small", exports("\x05\x03\x01\x00\x01", 2) + imports("\x02\x00\x02") + linked, "want a minimum of 2, have 1"},
		{"memory without maximum", exports("\x05\x03\x01\x00\x01", 2) + imports("\x02\x01\x01\x05") + linked, "want a maximum of 5, have none"},
		{"memory not shared", exports("\x05\x03\x01\x00\x01", 2) + imports("\x02\x03\x01\x05") + linked, "one is shared, the other is not"},
		{"table of another type", exports("\x04\x04\x01\x6f\x00\x01", 1) + imports("\x01\x70\x00\x01") + linked, "want a table of funcref, have one of externref"},
		{"table with a greater maximum", exports("\x04\x05\x01\x70\x01\x01\x03", 1) + imports("\x01\x70\x01\x01\x02") + linked, "want a maximum of 2, have 3"},
		{"global of another type", exports("\x06\x06\x01\x7e\x00\x42\x00\x0b", 3) + imports("\x03\x7f\x00") + linked, "want a global of type i32, have i64"},
		{"global that does not vary", exports("\x06\x06\x01\x7f\x00\x41\x00\x0b", 3) + imports("\x03\x7f\x01") + linked, "globals differ in mutability"},
		{"table of references never null", exports("\x04\x0a\x01\x40\x00\x64\x70\x00\x01\xd2\x00\x0b", 1) + imports("\x01\x70\x00\x01") + linked, "want a table of funcref, have one of (ref -16)"},
		{"tag of another type", exports("\x01\x05\x01\x60\x01\x7f\x00"+"\x0d\x03\x01\x00\x00", 4) + imports("\x04\x00\x00") + linked, "want a tag of type [] -> [], have [i32] -> []"},
	})
}

// TestNotSupported wants what is valid and beyond the runtime named, wherever
// it is.
func TestNotSupported(t *testing.T) {
	refuse(t, []invalid{
		{"a context of i64", component(component(def(secCanon, "\x0a\x7e\x00"))), "component 0: component 0: canon context.get: context values of type i64 are not supported"},
		{"threads", component(def(secCanon, "\x42\x00")), "canonical built-in thread.available-parallelism is not supported"},
		{"values", def(secImport, plain("v")+"\x02\x01"+u8), "values are not supported"},
	})
}
