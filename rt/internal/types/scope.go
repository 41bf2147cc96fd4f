package types

import (
	"fmt"

	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/wit"
)

// scope is a component, or a component or instance type, while its
// definitions are walked: its index spaces so far.
type scope struct {
	ck     *checker
	parent *scope
	comp   *Component // nil in a component or instance type

	coreTypes []coreType
	types     []Def
	funcs     []*wit.Func
	instances []*Instance
	comps     []*ComponentType
	modules   []*Module
	coreInsts [][]CoreExtern
	core      map[binary.CoreSort][]*binary.CoreFuncType // nil elements but for functions

	imports, exports []Extern
	imported         map[*wit.TypeDef]bool // resources that imports bring
}

// coreType is an entry of the core type index space; exactly one is set.
type coreType struct {
	fn     *binary.CoreFuncType
	module *Module
}

func (s *scope) errorf(at int, format string, args ...any) error {
	return &Error{Offset: at, Msg: fmt.Sprintf(format, args...)}
}

// Error is what makes a component invalid, at a byte offset of its file.
type Error struct {
	Offset int
	Msg    string
}

// Error returns "at 0x1f: …".
func (e *Error) Error() string { return fmt.Sprintf("at %#x: %s", e.Offset, e.Msg) }

// get returns an element of an index space.
func get[T any](at int, space []T, idx uint32, what string) (T, error) {
	if uint64(idx) >= uint64(len(space)) {
		var zero T
		return zero, &Error{at, fmt.Sprintf("unknown %s %d: index out of bounds, there are %d", what, idx, len(space))}
	}
	return space[idx], nil
}

func (s *scope) coreFunc(at int, idx uint32) (*binary.CoreFuncType, error) {
	return get(at, s.core[binary.CoreFunc], idx, "core function")
}

func (s *scope) addCore(sort binary.CoreSort, f *binary.CoreFuncType) {
	s.core[sort] = append(s.core[sort], f)
}

// add puts an extern's type into the index space of its sort.
func (s *scope) add(e Extern) {
	switch {
	case e.Func != nil:
		s.funcs = append(s.funcs, e.Func)
	case e.Type != nil:
		s.types = append(s.types, e.Type)
	case e.Instance != nil:
		s.instances = append(s.instances, e.Instance)
	case e.Component != nil:
		s.comps = append(s.comps, e.Component)
	case e.Module != nil:
		s.modules = append(s.modules, e.Module)
	}
}

// ref returns what a sort and index refer to, as an extern without a name.
func (s *scope) ref(at int, r binary.Ref) (Extern, error) {
	var e Extern
	var err error
	switch r.Sort {
	case binary.SortFunc:
		e.Func, err = get(at, s.funcs, r.Idx, "function")
	case binary.SortType:
		e.Type, err = get(at, s.types, r.Idx, "type")
	case binary.SortInstance:
		e.Instance, err = get(at, s.instances, r.Idx, "instance")
	case binary.SortComponent:
		e.Component, err = get(at, s.comps, r.Idx, "component")
	case binary.SortCore:
		if r.Core != binary.CoreModSort {
			return e, s.errorf(at, "a component imports and exports core modules, no other core definitions")
		}
		e.Module, err = get(at, s.modules, r.Idx, "core module")
	default:
		err = s.errorf(at, "values are not supported")
	}
	return e, err
}
