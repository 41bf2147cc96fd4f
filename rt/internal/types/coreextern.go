package types

import (
	"errors"
	"fmt"
	"strings"

	"github.com/witgen/witgen/rt/internal/binary"
)

// CoreExtern is an import or export of a core module, or a core definition of
// a component, which has no name.
type CoreExtern struct {
	Module, Name string                // Module of imports only
	Type         binary.CoreExternType // its type index means something in its own module only
	Func         *binary.CoreFuncType  // of functions and tags, instead of the index
}

// steps returns what comparing the type costs.
func (e CoreExtern) steps() int {
	if e.Func == nil {
		return 1
	}
	return 1 + len(e.Func.Params) + len(e.Func.Results)
}

// otherFunc stands for the function types that canonical functions never have:
// those with a declared supertype.
var otherFunc = &binary.CoreFuncType{}

// coreExports is what a core instance exports.
type coreExports struct {
	list   []CoreExtern
	byName map[string]int // nil until it is asked for
}

func (x *coreExports) export(name string) (CoreExtern, bool) {
	if x.byName == nil {
		x.byName = make(map[string]int, len(x.list))
		for i, e := range x.list {
			x.byName[e.Name] = i
		}
	}
	i, ok := x.byName[name]
	if !ok {
		return CoreExtern{}, false
	}
	return x.list[i], true
}

// addCore puts a core definition into the index space of its sort.
func (s *scope) addCore(e CoreExtern) {
	if s.core == nil {
		s.core = make(map[binary.CoreSort][]CoreExtern)
	}
	sort := e.Type.Sort
	s.core[sort] = append(s.core[sort], CoreExtern{Type: e.Type, Func: e.Func})
}

func (s *scope) addCoreFunc(f *binary.CoreFuncType) {
	s.addCore(CoreExtern{Type: binary.CoreExternType{Sort: binary.CoreFunc}, Func: f})
}

func (s *scope) coreFunc(at int, idx uint32) (*binary.CoreFuncType, error) {
	e, err := get(at, s.core[binary.CoreFunc], idx, "core function")
	return e.Func, err
}

// checkLimits checks the limits of a memory, in pages, or of a table.
func checkLimits(t binary.CoreExternType) error {
	l := t.Limits
	pages := uint64(1 << 16)
	if l.Is64 {
		pages = 1 << 48
	}
	switch {
	case t.Sort != binary.CoreTable && t.Sort != binary.CoreMemory:
		return nil
	case l.HasMax && l.Min > l.Max:
		return fmt.Errorf("%s: its minimum %d is greater than its maximum %d", t.Sort, l.Min, l.Max)
	case t.Sort == binary.CoreMemory && max(l.Min, l.Max) > pages:
		return fmt.Errorf("memory size must be at most %d pages", pages)
	case l.Shared && !l.HasMax:
		return errors.New("a shared memory must have a maximum")
	}
	return nil
}

// fits checks that a core definition can be given for an import of that type.
// See "Import Matching" in the core specification.
func (e CoreExtern) fits(want CoreExtern) error {
	got, w := e.Type, want.Type
	if got.Sort != w.Sort {
		return fmt.Errorf("want a %s, have a %s", w.Sort, got.Sort)
	}
	switch w.Sort {
	case binary.CoreFunc, binary.CoreTag:
		if e.Func != otherFunc && want.Func != otherFunc && !sameCoreFunc(e.Func, want.Func) {
			return fmt.Errorf("want a %s of type %s, have %s", w.Sort, coreText(want.Func), coreText(e.Func))
		}
	case binary.CoreGlobal:
		if got.Mutable != w.Mutable {
			return errors.New("globals differ in mutability")
		}
		if !sameCoreType(got.Val, w.Val) && (w.Mutable || !isCoreSubtype(got.Val, w.Val)) {
			return fmt.Errorf("want a global of type %s, have %s", w.Val, got.Val)
		}
	case binary.CoreTable:
		if !sameCoreType(got.Val, w.Val) {
			return fmt.Errorf("want a table of %s, have one of %s", w.Val, got.Val)
		}
	}
	return fitLimits(got.Limits, w.Limits)
}

func fitLimits(got, want binary.CoreLimits) error {
	switch {
	case got.Shared != want.Shared:
		return errors.New("one is shared, the other is not")
	case got.Is64 != want.Is64:
		return errors.New("one has 64-bit addresses, the other has not")
	case got.Min < want.Min:
		return fmt.Errorf("want a minimum of %d, have %d", want.Min, got.Min)
	case want.HasMax && !got.HasMax:
		return fmt.Errorf("want a maximum of %d, have none", want.Max)
	case want.HasMax && got.Max > want.Max:
		return fmt.Errorf("want a maximum of %d, have %d", want.Max, got.Max)
	}
	return nil
}

// sameCoreFunc reports whether two core function types are equal.
func sameCoreFunc(a, b *binary.CoreFuncType) bool {
	if a == otherFunc || b == otherFunc {
		return false
	}
	return sameCoreTypes(a.Params, b.Params) && sameCoreTypes(a.Results, b.Results)
}

func sameCoreTypes(a, b []binary.CoreValType) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !sameCoreType(a[i], b[i]) {
			return false
		}
	}
	return true
}

func sameCoreType(a, b binary.CoreValType) bool {
	if !a.IsRef() || !b.IsRef() {
		return a.Code == b.Code
	}
	nullA, heapA := heapType(a)
	nullB, heapB := heapType(b)
	return nullA == nullB && sameHeap(heapA, heapB)
}

// isCoreSubtype reports whether a is the type b, for references one that
// cannot be null.
func isCoreSubtype(a, b binary.CoreValType) bool {
	if !a.IsRef() || !b.IsRef() {
		return a.Code == b.Code
	}
	_, heapA := heapType(a)
	null, heapB := heapType(b)
	return null && sameHeap(heapA, heapB)
}

// sameHeap reports whether two heap types are equal. Type indices mean
// something in their own module only: whether they fit is left to the core
// engine, which checks each core instantiation.
func sameHeap(a, b int64) bool { return a == b || a >= 0 && b >= 0 }

// funcHeap is the abstract heap type func.
const funcHeap = 0x70 - 0x80

// heapType takes a reference type apart: whether it can be null, and its heap
// type, a type index or the negative number of an abstract one.
func heapType(t binary.CoreValType) (null bool, heap int64) {
	switch t.Code {
	case 0x63:
		return true, t.Heap
	case 0x64:
		return false, t.Heap
	}
	return true, int64(t.Code) - 0x80
}

// coreText returns the text of a core function type for errors.
func coreText(f *binary.CoreFuncType) string {
	list := func(ts []binary.CoreValType) string {
		var texts []string
		for _, t := range ts[:min(len(ts), 20)] {
			texts = append(texts, t.String())
		}
		if len(ts) > 20 {
			texts = append(texts, "…")
		}
		return "[" + strings.Join(texts, " ") + "]"
	}
	if f == otherFunc {
		return "of a declared subtype"
	}
	return list(f.Params) + " -> " + list(f.Results)
}

// Text returns the type in the words of the core text format.
func (e CoreExtern) Text() string {
	limits := func() string {
		s := fmt.Sprint(e.Type.Limits.Min)
		if e.Type.Limits.HasMax {
			s += fmt.Sprint(" ", e.Type.Limits.Max)
		}
		return s
	}
	switch e.Type.Sort {
	case binary.CoreFunc, binary.CoreTag:
		return e.Type.Sort.String() + " " + coreText(e.Func)
	case binary.CoreGlobal:
		if e.Type.Mutable {
			return fmt.Sprintf("global mut %s", e.Type.Val)
		}
		return fmt.Sprintf("global %s", e.Type.Val)
	case binary.CoreTable:
		return fmt.Sprintf("table %s %s", limits(), e.Type.Val)
	}
	return "memory " + limits()
}
