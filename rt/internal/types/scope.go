package types

import (
	"errors"
	"fmt"

	"github.com/witgen/witgen/rt/cm"
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
	coreInsts []*coreExports
	core      map[binary.CoreSort][]CoreExtern // nameless

	imports, exports         []Extern
	importNames, exportNames names
	importable, exportable   *visibility // nil in an instance type, where visibility is not asked for

	local    map[*wit.TypeDef]bool // resources that the component defines
	imported map[*wit.TypeDef]bool // resources that imports bring
}

func (ck *checker) scope(parent *scope) *scope { return &scope{ck: ck, parent: parent} }

// checkVisibility makes the scope check what its imports and exports refer to.
func (s *scope) checkVisibility() {
	s.importable = s.ck.visibility(nil)
	s.exportable = s.ck.visibility(s.importable)
}

func (s *scope) errorf(at int, format string, args ...any) error {
	return &Error{Offset: at, Msg: fmt.Sprintf(format, args...)}
}

// beyond returns the error of what is valid, and not supported.
func (s *scope) beyond(at int, format string, args ...any) error {
	return &Error{Offset: at, Msg: fmt.Sprintf(format, args...) + " not supported", Beyond: true}
}

func (s *scope) error(at int, err error) error { return &Error{Offset: at, Msg: err.Error()} }

// ErrNotSupported is in errors of components that ask for what the runtime does
// not support.
var ErrNotSupported = cm.ErrNotSupported

// Is reports that an error is [ErrNotSupported] too.
func (e *Error) Is(target error) bool { return e.Beyond && target == ErrNotSupported }

// Error is what makes a component invalid, at a byte offset of its file. Msg
// begins with the way to it, from the outside in.
type Error struct {
	Offset int
	Msg    string
	Beyond bool // it is valid as far as that, but the runtime does not support it
}

// Error returns "at 0x1f: …".
func (e *Error) Error() string { return fmt.Sprintf("at %#x: %s", e.Offset, e.Msg) }

// within says what an error is inside of.
func within(err error, format string, args ...any) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	return &Error{e.Offset, fmt.Sprintf(format, args...) + ": " + e.Msg, e.Beyond}
}

// get returns an element of an index space.
func get[T any](at int, space []T, idx uint32, what string) (T, error) {
	if uint64(idx) >= uint64(len(space)) {
		var zero T
		return zero, &Error{Offset: at, Msg: fmt.Sprintf("unknown %s %d: index out of bounds, there are %d", what, idx, len(space))}
	}
	return space[idx], nil
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
		err = s.beyond(at, "values are")
	}
	if err == nil && e.Type != nil {
		e.Sub = s.makes(e.Type)
	}
	return e, err
}

// makes reports whether a type is a resource that each instance of the
// component has anew: one that is not imported.
func (s *scope) makes(d Def) bool {
	r := resource(d)
	return r != nil && !s.imported[r]
}
