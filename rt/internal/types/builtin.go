package types

import (
	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// builtins holds the core types of the built-ins that always have the same.
var builtins = map[binary.CanonOp]*binary.CoreFuncType{
	binary.CanonTaskCancel:        signature("", ""),
	binary.CanonSubtaskCancel:     signature("i", "i"),
	binary.CanonSubtaskDrop:       signature("i", ""),
	binary.CanonBackpressureInc:   signature("", ""),
	binary.CanonBackpressureDec:   signature("", ""),
	binary.CanonWaitableSetNew:    signature("", "i"),
	binary.CanonWaitableSetWait:   signature("ii", "i"),
	binary.CanonWaitableSetPoll:   signature("ii", "i"),
	binary.CanonWaitableSetDrop:   signature("i", ""),
	binary.CanonWaitableJoin:      signature("ii", ""),
	binary.CanonErrorContextDrop:  signature("i", ""),
	binary.CanonThreadIndex:       signature("", "i"),
	binary.CanonThreadNewIndirect: signature("ii", "i"),
	binary.CanonThreadResumeLater: signature("i", ""),
	binary.CanonThreadSuspend:     signature("", "i"),
	binary.CanonThreadYield:       signature("", "i"),

	binary.CanonThreadSuspendThenResume:  signature("i", "i"),
	binary.CanonThreadYieldThenResume:    signature("i", "i"),
	binary.CanonThreadSuspendThenPromote: signature("i", "i"),
	binary.CanonThreadYieldThenPromote:   signature("i", "i"),

	binary.CanonStreamNew:          signature("", "l"),
	binary.CanonStreamRead:         signature("iii", "i"),
	binary.CanonStreamWrite:        signature("iii", "i"),
	binary.CanonStreamCancelRead:   signature("i", "i"),
	binary.CanonStreamCancelWrite:  signature("i", "i"),
	binary.CanonStreamDropReadable: signature("i", ""),
	binary.CanonStreamDropWritable: signature("i", ""),
	binary.CanonFutureNew:          signature("", "l"),
	binary.CanonFutureRead:         signature("ii", "i"),
	binary.CanonFutureWrite:        signature("ii", "i"),
	binary.CanonFutureCancelRead:   signature("i", "i"),
	binary.CanonFutureCancelWrite:  signature("i", "i"),
	binary.CanonFutureDropReadable: signature("i", ""),
	binary.CanonFutureDropWritable: signature("i", ""),

	binary.CanonErrorContextNew:          signature("ii", "i"),
	binary.CanonErrorContextDebugMessage: signature("ii", ""),
}

// builtin checks a built-in function and returns its core type.
func (s *scope) builtin(d *binary.Canon) (*binary.CoreFuncType, error) {
	at := d.Pos()
	f, err := builtins[d.Op], error(nil)
	switch d.Op {
	case binary.CanonTaskReturn:
		return s.taskReturn(d)
	case binary.CanonContextGet, binary.CanonContextSet:
		return s.contextFunc(d)
	case binary.CanonWaitableSetWait, binary.CanonWaitableSetPoll:
		err = s.memory(at, d.Memory)
	case binary.CanonThreadNewIndirect:
		err = s.threadStart(d)
	case binary.CanonErrorContextNew, binary.CanonErrorContextDebugMessage:
		err = s.errorContext(d)
	case binary.CanonStreamNew, binary.CanonStreamRead, binary.CanonStreamWrite, binary.CanonStreamCancelRead,
		binary.CanonStreamCancelWrite, binary.CanonStreamDropReadable, binary.CanonStreamDropWritable:
		err = s.stream(d)
	case binary.CanonFutureNew, binary.CanonFutureRead, binary.CanonFutureWrite, binary.CanonFutureCancelRead,
		binary.CanonFutureCancelWrite, binary.CanonFutureDropReadable, binary.CanonFutureDropWritable:
		err = s.future(d)
	}
	if err == nil && f == nil {
		err = s.beyond(at, "canonical built-in %s is", d.Op)
	}
	return f, err
}

func (s *scope) taskReturn(d *binary.Canon) (*binary.CoreFuncType, error) {
	at := d.Pos()
	t, err := s.optional(at, d.Result)
	if err != nil {
		return nil, err
	}
	o, err := s.options(d)
	if err != nil {
		return nil, err
	}
	if o.realloc != nil || o.async || o.post != nil {
		return nil, s.errorf(at, "only the canonical options memory and string-encoding go with it")
	}
	if !s.ck.charge(1 + s.ck.measure(t).size/16) {
		return nil, s.exhausted(at)
	}
	if s.comp.Results == nil {
		s.comp.Results = make(map[*binary.Canon]wit.Type)
	}
	s.comp.Results[d] = t
	sig := layout.TaskReturn(t)
	return coreFuncType(sig), s.needs(at, o, sig.ResultSpills || s.ck.anyPointers(t), false)
}

func (s *scope) contextFunc(d *binary.Canon) (*binary.CoreFuncType, error) {
	at := d.Pos()
	switch {
	case d.Core == i64:
		return nil, s.beyond(at, "context values of type i64 are")
	case d.Core != i32:
		return nil, s.errorf(at, "context values are of type i32, not %s", d.Core)
	case d.Slot > 1:
		return nil, s.errorf(at, "there is no context slot %d: there are 2", d.Slot)
	case d.Op == binary.CanonContextGet:
		return signature("", "i"), nil
	}
	return signature("i", ""), nil
}

// threadStart checks the function type and the table of a new thread.
func (s *scope) threadStart(d *binary.Canon) error {
	at := d.Pos()
	t, err := get(at, s.coreTypes, d.Type, "core type")
	if err != nil {
		return err
	}
	if t.fn == nil || !sameCoreFunc(t.fn, signature("i", "")) {
		return s.errorf(at, "core type %d is not [i32] -> []", d.Type)
	}
	table, err := get(at, s.core[binary.CoreTable], d.Table, "core table")
	if err != nil {
		return err
	}
	if null, heap := heapType(table.Type.Val); !null || heap != funcHeap || table.Type.Limits.Is64 {
		return s.errorf(at, "core table %d is not one of funcref", d.Table)
	}
	return nil
}

func (s *scope) errorContext(d *binary.Canon) error {
	o, err := s.options(d)
	switch {
	case err != nil:
		return err
	case o.async || o.post != nil:
		return s.errorf(d.Pos(), "the canonical options async and post-return do not go with it")
	}
	return s.needs(d.Pos(), o, true, d.Op == binary.CanonErrorContextDebugMessage)
}

func (s *scope) stream(d *binary.Canon) error {
	t, err := s.carrier(d)
	if err != nil {
		return err
	}
	st, ok := t.(*wit.Stream)
	switch {
	case !ok:
		return s.errorf(d.Pos(), "type %d is not a stream", d.Type)
	case d.Op == binary.CanonStreamRead || d.Op == binary.CanonStreamWrite:
		return s.copies(d, st.Elem, d.Op == binary.CanonStreamRead)
	}
	return nil
}

func (s *scope) future(d *binary.Canon) error {
	t, err := s.carrier(d)
	if err != nil {
		return err
	}
	ft, ok := t.(*wit.Future)
	switch {
	case !ok:
		return s.errorf(d.Pos(), "type %d is not a future", d.Type)
	case d.Op == binary.CanonFutureRead || d.Op == binary.CanonFutureWrite:
		return s.copies(d, ft.Elem, d.Op == binary.CanonFutureRead)
	}
	return nil
}

// carrier returns the value type that a stream or future built-in names.
func (s *scope) carrier(d *binary.Canon) (wit.Type, error) {
	def, err := get(d.Pos(), s.types, d.Type, "type")
	if err != nil {
		return nil, err
	}
	v, _ := def.(Value)
	return v.Type, nil
}

// copies checks the options of a built-in that copies elements.
func (s *scope) copies(d *binary.Canon, elem wit.Type, read bool) error {
	o, err := s.options(d)
	switch {
	case err != nil:
		return err
	case o.post != nil || o.callback != nil:
		return s.errorf(d.Pos(), "the canonical options post-return and callback do not go with it")
	}
	return s.needs(d.Pos(), o, elem != nil, read && s.ck.anyPointers(elem))
}
