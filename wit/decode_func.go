package wit

import (
	"github.com/witgen/witgen/wit/internal/binary"
	"github.com/witgen/witgen/wit/internal/entity"
)

// function returns a function that an interface or world has under a name.
func (s *draft) function(x entity.Extern, f *entity.Func) (*Func, error) {
	t := f.Type
	fn := &Func{Name: x.Name.Text, Async: t.Def.Kind == binary.AsyncFuncType, ExternalID: x.Name.ExternalID}
	kind, resource, err := funcName(x.Offset, fn.Name)
	if err != nil {
		return nil, err
	}
	fn.Kind = kind
	err = s.members(t, func(name string, typ Type) { fn.Params = append(fn.Params, Param{Name: name, Type: typ}) })
	if err != nil {
		return nil, err
	}
	if fn.Result, err = s.value(t, t.Def.Args[0]); err != nil {
		return nil, err
	}
	if kind != Freestanding {
		fn.Resource = s.types[resource]
		if err := fn.checkResource(x.Offset, resource); err != nil {
			return nil, err
		}
	}
	return fn, nil
}

// checkResource reports a function of a resource that is not as the functions
// are which text declares.
func (f *Func) checkResource(offset int, name string) error {
	if f.Resource == nil {
		return errorAt(offset, "%s: there is no resource %s", f.Name, name)
	}
	if _, ok := f.Resource.Type.(*Resource); !ok {
		return errorAt(offset, "%s: type %s is no resource of its own", f.Name, name)
	}
	switch f.Kind {
	case Constructor:
		result := f.Result
		if r, ok := result.(*Result); ok {
			result = r.OK
		}
		if h, ok := result.(*Handle); !ok || h.Borrow || h.Resource != f.Resource || f.Async {
			return errorAt(offset, "%s does not return the resource, or a result with it", f.Name)
		}
	case Method:
		ok := len(f.Params) > 0 && f.Params[0].Name == "self"
		if ok {
			var h *Handle
			h, ok = f.Params[0].Type.(*Handle)
			ok = ok && h.Borrow && h.Resource == f.Resource
		}
		if !ok {
			return errorAt(offset, "the first parameter of %s is not a borrow of the resource called self", f.Name)
		}
	}
	return nil
}
