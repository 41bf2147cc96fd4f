package types_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/types"
)

// times concatenates what n calls return.
func times(n int, f func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(f(i))
	}
	return b.String()
}

// TestHostile checks small files that describe, by having the same things over
// and over, what is beyond all bounds. Each must be refused, or accepted,
// before it has cost much.
func TestHostile(t *testing.T) {
	const tooLarge = "types are too large"
	// Each type of an instance declares two of the one before it.
	doubled := func(n int, first string) string {
		return def(secType, first) + times(n, func(i int) string {
			return def(secType, instanceType(declOuter(1, i), declExport("a", asInstance(0)), declExport("b", asInstance(0))))
		})
	}
	// Each type of a component imports two of the one before it, or exports.
	components := func(n int, decl func(n, extern string) string) string {
		return def(secType, componentType()) + times(n, func(i int) string {
			return def(secType, componentType(declOuter(1, i), decl("a", asComponent(0)), decl("b", asComponent(0))))
		})
	}
	matched := func(types string, n int) string {
		c := component(types + def(secImport, plain("c")+asComponent(n)))
		return types + def(secImport, plain("c")+asComponent(n)) + c + def(secInstance, instantiate(1, "c", componentRef(0)))
	}
	memory := module("\x05\x03\x01\x00\x01", "\x07\x05\x01\x01m\x02\x00") + def(secCoreInst, "\x00\x00\x00") + def(secAlias, "\x00\x02\x01\x00\x01m")
	bags := func(n int) string {
		return def(secInstance, bag()) + times(n, func(i int) string {
			return def(secInstance, bag("a", instanceRef(i), "b", instanceRef(i)))
		})
	}
	wide := make([]string, 0, 2000)
	for i := range 1000 {
		wide = append(wide, "x"+strings.Repeat("y", i), "\x01")
	}
	large := []string{declType(fn(""))}
	for i := range 990 {
		large = append(large, declExport("f"+strings.Repeat("g", i), asFunc(0)))
	}
	tests := []struct{ name, wasm, want string }{
		{"tuples doubled", def(secType, "\x6f\x02"+u8+u8) + times(60, func(i int) string { return def(secType, "\x6f\x02"+index(i)+index(i)) }), "type is too large"},
		{"lists of lists", def(secType, "\x70"+u8) + times(200, func(i int) string { return def(secType, "\x70"+index(i)) }), "type is too large"},
		{"resources doubled", doubled(60, instanceType(declExport("r", asResource))), tooLarge},
		{"instances doubled", doubled(60, instanceType()) + def(secImport, plain("x")+asInstance(60)), ""},
		{"instances doubled and matched", doubled(60, instanceType()) + def(secImport, plain("x")+asInstance(60)) +
			component(doubled(60, instanceType())+def(secImport, plain("x")+asInstance(60))) + def(secInstance, instantiate(0, "x", instanceRef(0))), tooLarge},
		{"bags doubled", bags(60) + def(secExport, exported("x", instanceRef(60))), ""},
		{"bags in bags", bags(200), "types of instances and components nest"},
		{"types of instances in each other", def(secType, instanceType()) + times(200, func(i int) string {
			return def(secType, instanceType(declOuter(1, i), declExport("a", asType(0))))
		}), "types of instances and components nest"},
		{"types of instances doubled", def(secType, instanceType()) + times(60, func(i int) string {
			return def(secType, instanceType(declOuter(1, i), declExport("a", asType(0)), declExport("b", asType(0))))
		}) + def(secImport, plain("x")+asType(60)), tooLarge},
		{"components doubled and matched", matched(components(60, declExport), 60), tooLarge},
		{"components doubled and given", matched(components(60, declImport), 60), tooLarge},
		{"a large record copied", component(def(secImport, plain("r")+asResource)+def(secType, own(0), record(wide...))+def(secExport, exported("t", typeRef(2)))) +
			def(secType, resource) + times(990, func(int) string { return def(secInstance, instantiate(0, "r", typeRef(0))) }), tooLarge},
		{"a large function lowered", def(secType, "\x70"+u8, "\x6f\xe8\x07"+strings.Repeat("\x00", 1000), "\x6f\x32"+strings.Repeat("\x01", 50), fn("", "p", "\x02")) +
			def(secImport, plain("f")+asFunc(3)) + memory + times(10_000, func(int) string { return def(secCanon, "\x01\x00\x00\x01\x03\x00") }), tooLarge},
		{"many aliases of a type", def(secType, instanceType(large...)) + component(times(5000, func(int) string { return def(secAlias, "\x03\x02\x01\x00") })), ""},
		{"many small types", times(100_000, func(int) string { return def(secType, instanceType()) }), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree, err := binary.Decode([]byte(preamble + test.wasm))
			if err != nil {
				t.Fatalf("does not decode: %v", err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err = types.Check(tree)
			runtime.ReadMemStats(&after)
			if err == nil && test.want != "" || err != nil && (test.want == "" || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("error %v, want %q", err, test.want)
			}
			allocated := (after.TotalAlloc - before.TotalAlloc) >> 20
			if t.Logf("%d bytes: %d MB allocated", len(test.wasm), allocated); allocated > 400 {
				t.Errorf("%d MB allocated for %d bytes", allocated, len(test.wasm))
			}
		})
	}
}
