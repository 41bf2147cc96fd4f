package types_test

import "testing"

// exportsF is the type of an instance that exports a function "f".
var exportsF = instanceType(declType(fn("")), declExport("f", asFunc(0)))

// takesInstance is the type of a component that imports an instance with the
// resource that is type 0 of the scope around.
var takesInstance = componentType(declType(instanceType(declOuter(2, 0), declExport("x", asType(0)))), declImport("i", asInstance(0)))

// TestValid holds what is close to the edge of what is refused.
func TestValid(t *testing.T) {
	tests := []struct{ name, wasm string }{
		{"nothing", ""},
		{"values below 2^28 bytes", def(secType, "\x67"+u8+"\xff\xff\xff\x7f", "\x67"+str+"\xff\xff\xff\x07", "\x63"+u8+"\x00", "\x6b\x02")},
		{"names that differ", def(secType, instanceType(), fn("")) + def(secImport,
			plain("foo")+asFunc(1), plain("foo-bar")+asFunc(1), plain("foo:bar/baz")+asInstance(0), plain("foo:bar/baz@1.0.0")+asInstance(0), plain("foo:bar/baz@1")+asInstance(0))},
		{"constructor named as its resource", def(secImport, plain("foo")+asResource) + def(secType, own(0), fn("\x01"), borrow(0), fn("", "self", "\x03"), "\x6a\x01\x01\x01"+str, fn("\x05")) +
			def(secImport, plain("[constructor]foo")+asFunc(2), plain("[method]foo.bar")+asFunc(4), plain("[static]foo.baz")+asFunc(2)) +
			def(secImport, plain("b")+asType(0)) + def(secImport, plain("[constructor]b")+asFunc(6))},
		{"implements and external-id", def(secType, instanceType(), fn("")) + def(secImport,
			"\x02\x01a\x02\x00\x05a:b/c\x02\x03any"+asInstance(0), "\x02\x01b\x01\x02\x00"+asFunc(1))},
		{"version suffix", def(secType, instanceType()) + def(secImport,
			"\x02\x09a:b/c@0.2\x01\x01\x07.6-rc.1"+asInstance(0), "\x02\x0ba:b/c@0.0.1\x01\x01\x00"+asInstance(0))},
		{"record by its new index", def(secType, rec) + def(secImport, plain("t")+asType(0)) + def(secType, "\x70\x01", fn("\x02")) + def(secImport, plain("f")+asFunc(3))},
		{"export by an import's index", def(secImport, plain("r")+asResource) + def(secType, own(0), fn("\x01")) + def(secImport, plain("f")+asFunc(2)) +
			def(secExport, exported("f", funcRef(0)))},
		{"anonymous types", def(secType, "\x6f\x02"+u8+str, "\x6b\x00", fn("\x01")) + def(secImport, plain("f")+asFunc(2))},
		{"instance that names its own", def(secType, instanceType(declType(rec), declExport("t", asType(0)), declType(fn("\x01")), declExport("f", asFunc(2)))) +
			def(secImport, plain("i")+asInstance(0), plain("j")+asType(0)) + def(secAlias, alias("\x03", 0, "t")) + def(secType, fn("\x02")) + def(secImport, plain("g")+asFunc(3))},
		{"instance type that hides, unused", def(secType, instanceType(declType(rec), declType(fn("\x00")), declExport("f", asFunc(1))))},
		{"bag that names for its functions", def(secType, resource) + def(secExport, exported("r", typeRef(0))) +
			def(secInstance, bag("s", typeRef(1))) + def(secExport, exported("i", instanceRef(0)))},
		{"outer alias of a closed instance type", def(secType, instanceType(declExport("r", asResource))) + component(def(secAlias, "\x03\x02\x01\x00"))},
		{"outer alias of a resource in a type", def(secType, resource, instanceType(declOuter(1, 0), declExport("r", asType(0))))},
		{"own resource back from a child", component(def(secImport, plain("x")+asResource)+def(secExport, exported("y", typeRef(0)))) +
			def(secType, resource) + def(secInstance, instantiate(0, "x", typeRef(0))) + def(secAlias, alias("\x03", 0, "y")) + def(secCanon, "\x02\x01", "\x04\x01")},
		{"child's resource dropped", component(def(secType, resource)+def(secExport, exported("r", typeRef(0)))) + def(secInstance, instantiate(0)) +
			def(secAlias, alias("\x03", 0, "r")) + def(secCanon, "\x03\x00")},
		{"the same resource twice", component(def(secType, resource)+def(secExport, exported("a", typeRef(0)), exported("b", typeRef(0)))) +
			component(def(secImport, plain("a")+asResource)+def(secImport, plain("b")+asType(0))) + def(secInstance, instantiate(0)) +
			def(secAlias, alias("\x03", 0, "a"), alias("\x03", 0, "b")) + def(secInstance, instantiate(1, "a", typeRef(0), "b", typeRef(1)))},
		{"arguments nobody asked for", component() + def(secInstance, bag(), instantiate(0, "NotAName", instanceRef(0)))},
		{"component that imports less and exports more", nothing +
			component(def(secType, fn(""))+def(secImport, plain("f")+asFunc(0))+def(secExport, exported("g", funcRef(0)), exported("h", funcRef(0)))) +
			component(def(secType, componentType(declType(fn("")), declImport("e", asFunc(0)), declImport("f", asFunc(0)), declExport("h", asFunc(0))))+def(secImport, plain("c")+asComponent(0))) +
			def(secInstance, instantiate(1, "c", componentRef(0)))},
		{"component of resources", component(def(secImport, plain("r")+asResource)+def(secExport, exported("s", typeRef(0)))) +
			component(def(secType, componentType(declImport("r", asResource), declExport("s", asType(0))))+def(secImport, plain("c")+asComponent(0))+
				def(secType, resource)+def(secInstance, instantiate(0, "r", typeRef(1)))+def(secAlias, alias("\x03", 0, "s"))+def(secCanon, "\x02\x02")) +
			def(secInstance, instantiate(1, "c", componentRef(0)))},
		{"component that makes a resource", component(def(secType, resource)+def(secExport, exported("s", typeRef(0)))) +
			component(def(secType, componentType(declExport("s", asResource)))+def(secImport, plain("c")+asComponent(0))) +
			def(secInstance, instantiate(1, "c", componentRef(0)))},
		{"component of an instance of a given resource",
			// Component 0 wants a component that takes an instance of the resource
			// that it is given, and component 1 is one.
			component(def(secImport, plain("r")+asResource)+def(secType, takesInstance)+def(secImport, plain("c")+asComponent(1))) +
				def(secImport, plain("r")+asResource) + def(secType, takesInstance) + def(secImport, plain("c")+asComponent(1)) +
				def(secInstance, instantiate(0, "r", typeRef(0), "c", componentRef(1)))},
		{"types of functions, instances and components", def(secType, fn("", "s", str), exportsF, componentType()) +
			component(def(secType, fn("", "s", str), instanceType(), componentType())+def(secImport, plain("f")+asType(0), plain("i")+asType(1), plain("c")+asType(2))) +
			def(secInstance, instantiate(0, "f", typeRef(0), "i", typeRef(1), "c", typeRef(2)))},
		{"substituted record", def(secType, rec) + def(secImport, plain("t")+asType(0)) +
			component(def(secType, rec)+def(secImport, plain("t")+asType(0))+def(secType, record("r", "\x01"))+def(secExport, exported("u", typeRef(2)))) +
			def(secInstance, instantiate(0, "t", typeRef(1))) + def(secAlias, alias("\x03", 0, "u")) + def(secExport, exported("u", typeRef(2)))},
		{"ascribed function", def(secType, resource, own(0), fn("\x01")) + module("\x01\x05\x01\x60\x00\x01\x7f", "\x03\x02\x01\x00", "\x07\x05\x01\x01f\x00\x00", "\x0a\x05\x01\x03\x00\x00\x0b") +
			def(secCoreInst, "\x00\x00\x00") + def(secAlias, "\x00\x00\x01\x00\x01f") + def(secCanon, "\x00\x00\x00\x00\x02") +
			def(secExport, exported("r", typeRef(0))) + def(secType, own(3), fn("\x04")) + def(secExport, ascribed("f", funcRef(0), asFunc(5)))},
		{"core types that fit", module("\x05\x04\x01\x01\x02\x03", "\x07\x05\x01\x01x\x02\x00") + module("\x02\x08\x01\x00\x01x\x02\x01\x01\x04") +
			def(secCoreInst, "\x00\x00\x00", "\x00\x01\x01\x00\x12\x00")},
		{"reference types that are the same", module("\x04\x05\x01\x63\x70\x00\x01", "\x07\x05\x01\x01x\x01\x00") + module("\x02\x08\x01\x00\x01x\x01\x70\x00\x01") +
			def(secCoreInst, "\x00\x00\x00", "\x00\x01\x01\x00\x12\x00")},
		{"global of a reference that is never null", module("\x06\x07\x01\x64\x70\x00\xd2\x00\x0b", "\x07\x05\x01\x01x\x03\x00") + module("\x02\x07\x01\x00\x01x\x03\x70\x00") +
			def(secCoreInst, "\x00\x00\x00", "\x00\x01\x01\x00\x12\x00")},
		{"module type of its own alias", def(secCoreType, "\x60\x00\x00", "\x50\x04\x02\x10\x01\x01\x00\x02\x10\x01\x00\x00\x00\x00\x01f\x00\x00\x03\x01f\x00\x01")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := checkBytes(t, test.wasm); err != nil {
				t.Error(err)
			}
		})
	}
}
