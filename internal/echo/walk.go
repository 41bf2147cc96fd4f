package echo

import (
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// walker makes handles in values those that are to be passed on: of arguments, or of
// results. It is code of the program, whose functions come after what is exported.
type walker struct {
	*program
	resources map[*wit.TypeDef]*resource
	result    bool
	known     map[wit.Type]int // functions that walk a value in memory
}

// exchange returns the code that makes one handle another, nothing if that is it.
func (w *walker) exchange(h *wit.Handle) string {
	r := w.resources[h.Resource.Root()]
	switch {
	case w.result && r.owned:
		return call(r.create)
	case !w.result && r.owned && !h.Borrow:
		return call(r.take)
	case !w.result && !r.owned && h.Borrow:
		return call(r.note)
	}
	return ""
}

// changes reports whether there is something to do for values of a type.
func (w *walker) changes(t wit.Type) bool {
	if h, ok := wit.Underlying(t).(*wit.Handle); ok {
		return w.exchange(h) != ""
	}
	for _, p := range parts(t) {
		if p != nil && w.changes(p) {
			return true
		}
	}
	return false
}

// parts returns the types that a type is made of: nil for a case without one.
func parts(t wit.Type) []wit.Type {
	switch t := wit.Underlying(t).(type) {
	case *wit.Record:
		var all []wit.Type
		for _, f := range t.Fields {
			all = append(all, f.Type)
		}
		return all
	case *wit.Tuple:
		return t.Types
	case *wit.Variant:
		var all []wit.Type
		for _, c := range t.Cases {
			all = append(all, c.Type)
		}
		return all
	case *wit.Option:
		return []wit.Type{nil, t.Elem}
	case *wit.Result:
		return []wit.Type{t.OK, t.Err}
	case *wit.List:
		return []wit.Type{t.Elem}
	case *wit.Map:
		return []wit.Type{t.Key, t.Value}
	}
	return nil
}

// elem returns the type of what is in a list, or in a map.
func elem(t wit.Type) wit.Type {
	if p := parts(t); len(p) == 2 {
		return &wit.Tuple{Types: p}
	}
	return parts(t)[0]
}

// at returns code that walks a value at an offset from the address in local 0.
func (w *walker) at(t wit.Type, offset uint32) string {
	if t == nil || !w.changes(t) {
		return ""
	}
	f, ok := w.known[t]
	if !ok {
		f = w.inner(coreI32, "", w.inMemory(t))
		w.known[t] = f
	}
	return get(0) + constant(int(offset)) + add + call(f)
}

// inMemory returns the body of the function that walks a value at an address.
func (w *walker) inMemory(t wit.Type) string {
	code := ""
	switch u := wit.Underlying(t).(type) {
	case *wit.Handle:
		code = get(0) + get(0) + load + w.exchange(u) + store
	case *wit.Record, *wit.Tuple:
		for k, p := range parts(t) {
			code += w.at(p, layout.Fields(u)[k])
		}
	case *wit.Variant, *wit.Option, *wit.Result:
		for k, p := range parts(t) {
			if inside := w.at(p, layout.PayloadOffset(u)); inside != "" {
				code += get(0) + loads[layout.DiscriminantSize(u)] + constant(k) + isEqual + ifTrue + inside + end
			}
		}
	case *wit.List, *wit.Map:
		if l, ok := u.(*wit.List); ok && l.Fixed {
			for k := range l.Len {
				code += w.at(l.Elem, k*layout.Of(l.Elem).Size)
			}
			break
		}
		code = get(0) + load + get(0) + constant(4) + add + load + call(w.list(elem(u)))
	}
	return "\x00" + code
}

// list returns a function that walks so many elements at an address.
func (w *walker) list(t wit.Type) int {
	return w.inner(coreI32+coreI32, "", "\x00"+
		block+loop+
		get(1)+isZero+leaveIf(1)+
		w.at(t, 0)+
		get(0)+constant(int(layout.Of(t).Size))+add+set(0)+
		get(1)+constant(1)+sub+set(1)+
		again(0)+end+end)
}

// flat returns code that walks a value whose core values are locals of these types,
// from the first on.
func (w *walker) flat(t wit.Type, first int, types []layout.CoreType) string {
	if t == nil || !w.changes(t) {
		return ""
	}
	value := func(k int) string {
		if types[k] == layout.I64 { // as it is that of other cases
			return get(first+k) + wrap
		}
		return get(first + k)
	}
	code := ""
	switch u := wit.Underlying(t).(type) {
	case *wit.Handle:
		code = value(0) + w.exchange(u)
		if types[0] == layout.I64 {
			code += extend
		}
		return code + set(first)
	case *wit.Record, *wit.Tuple:
		k := 0
		for _, p := range parts(t) {
			code += w.flat(p, first+k, types[k:])
			k += len(layout.Flat(p))
		}
	case *wit.Variant, *wit.Option, *wit.Result:
		for k, p := range parts(t) {
			if inside := w.flat(p, first+1, types[1:]); inside != "" {
				code += value(0) + constant(k) + isEqual + ifTrue + inside + end
			}
		}
	case *wit.List, *wit.Map:
		if l, ok := u.(*wit.List); ok && l.Fixed {
			for k := range int(l.Len) {
				n := k * len(layout.Flat(l.Elem))
				code += w.flat(l.Elem, first+n, types[n:])
			}
			break
		}
		return value(0) + value(1) + call(w.list(elem(u)))
	}
	return code
}

// arguments returns code that walks the arguments of a function.
func (w *walker) arguments(f *wit.Func, s layout.Signature) string {
	code := ""
	for k, p := range f.Params {
		if s.ParamsSpill {
			code += w.at(p.Type, s.ParamOffsets[k])
		} else {
			code += w.flat(p.Type, s.ParamSlots[k], s.Params[s.ParamSlots[k]:])
		}
	}
	return code
}

// returned returns code that walks the result on the stack: the function has a local
// of its type.
func (w *walker) returned(f *wit.Func, s layout.Signature, local int) string {
	switch {
	case f.Result == nil || !w.changes(f.Result):
		return ""
	case s.ResultSpills:
		return tee(local) + call(w.inner(coreI32, coreI32, "\x00"+w.at(f.Result, 0)+get(0)))
	}
	return set(local) + w.flat(f.Result, local, s.Results) + get(local)
}

// Notes are of borrowed handles that have to be dropped before a call ends: how many
// there are at 0, and then each with the index of its type in the last bits, below
// the heap.
const (
	noteBits      = 4
	mostResources = 1 << noteBits
	mostNotes     = heapBase/4 - 2
)

// resourceFunctions adds what the program does with handles, and returns the code that
// drops what was noted.
func (p *program) resourceFunctions(all []*resource) string {
	const none = "\x00" // locals
	dropped := ""
	for _, r := range all {
		r.note = p.inner(coreI32, coreI32, none+
			constant(0)+load+constant(mostNotes)+isGreater+ifTrue+trap+end+
			constant(0)+constant(0)+load+constant(1)+add+store+
			constant(0)+load+constant(4)+mul+
			get(0)+constant(noteBits)+shiftLeft+constant(r.index)+or+store+
			get(0))
		if r.owned {
			r.take = p.inner(coreI32, coreI32, "\x01\x01"+coreI32+
				get(0)+call(r.rep)+tee(1)+call(r.move)+get(0)+call(r.dropOwn)+get(1))
		}
		dropped += get(0) + constant(mostResources-1) + and + constant(r.index) + isEqual + ifTrue +
			get(0) + constant(noteBits) + shiftRight + call(r.dropHost) + end
	}
	drop := p.inner("", "", "\x01\x01"+coreI32+
		block+loop+
		constant(0)+load+isZero+leaveIf(1)+
		constant(0)+load+constant(4)+mul+load+set(0)+
		constant(0)+constant(0)+load+constant(1)+sub+store+
		dropped+
		again(0)+end+end)
	return call(drop)
}
