package types

import "github.com/witgen/witgen/rt/internal/binary"

// options are the canonical options of a definition.
type options struct {
	encoding, memory, async bool // encoding: one is named
	realloc, post, callback *binary.CoreFuncType
}

var (
	reallocType  = signature("iiii", "i")
	callbackType = signature("iii", "i")
)

// options checks the canonical options of a definition as far as they do not
// depend on what it is. See CanonicalABI.md, "canonopt Validation".
func (s *scope) options(d *binary.Canon) (options, error) {
	var o options
	at := d.Pos()
	for _, opt := range d.Options {
		twice, err := s.option(at, &o, opt)
		if err != nil {
			return o, err
		}
		if twice {
			return o, s.errorf(at, "canonical option %s is given twice, or with another of its kind", opt.Op)
		}
	}
	switch {
	case o.realloc != nil && !o.memory:
		return o, s.errorf(at, "canonical option realloc requires memory")
	case o.realloc != nil && !sameCoreFunc(o.realloc, reallocType):
		return o, s.errorf(at, "realloc has core type %s, want %s", coreText(o.realloc), coreText(reallocType))
	case o.callback != nil && !o.async:
		return o, s.errorf(at, "canonical option callback requires async")
	case o.callback != nil && !sameCoreFunc(o.callback, callbackType):
		return o, s.errorf(at, "callback has core type %s, want %s", coreText(o.callback), coreText(callbackType))
	case o.post != nil && o.async:
		return o, s.errorf(at, "canonical option post-return does not go with async")
	}
	return o, nil
}

// option adds one option and reports whether it was there before.
func (s *scope) option(at int, o *options, opt binary.CanonOpt) (twice bool, err error) {
	var f *binary.CoreFuncType
	switch opt.Op {
	case binary.OptRealloc, binary.OptPostReturn, binary.OptCallback:
		if f, err = s.coreFunc(at, opt.Idx); err != nil {
			return false, within(err, "%s", opt.Op)
		}
	}
	switch opt.Op {
	case binary.OptUTF8, binary.OptUTF16, binary.OptLatin1UTF16:
		twice, o.encoding = o.encoding, true
	case binary.OptMemory:
		twice, o.memory = o.memory, true
		err = s.memory(at, opt.Idx)
	case binary.OptRealloc:
		twice, o.realloc = o.realloc != nil, f
	case binary.OptPostReturn:
		twice, o.post = o.post != nil, f
	case binary.OptCallback:
		twice, o.callback = o.callback != nil, f
	case binary.OptAsync:
		twice, o.async = o.async, true
	default:
		err = s.beyond(at, "canonical option %s is", opt.Op)
	}
	return twice, err
}

// memory checks that values can go through a memory.
func (s *scope) memory(at int, idx uint32) error {
	m, err := get(at, s.core[binary.CoreMemory], idx, "core memory")
	switch {
	case err != nil:
		return err
	case m.Type.Limits.Is64:
		return s.beyond(at, "core memory %d has 64-bit addresses, which is", idx)
	case m.Type.Limits.Shared:
		return s.errorf(at, "core memory %d is shared: values cannot go through it", idx)
	}
	return nil
}

func (s *scope) needs(at int, o options, memory, realloc bool) error {
	switch {
	case memory && !o.memory:
		return s.errorf(at, "canonical option memory is required")
	case realloc && o.realloc == nil:
		return s.errorf(at, "canonical option realloc is required")
	}
	return nil
}
