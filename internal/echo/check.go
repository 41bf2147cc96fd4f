package echo

import (
	"fmt"

	"github.com/witgen/witgen/wit"
)

// check says what of a world these guests cannot have.
func check(w *wit.World) error {
	for _, item := range w.Imports {
		if err := checkItem(item); err != nil {
			return fmt.Errorf("import %q: %w", item.Name(), err)
		}
	}
	for _, item := range w.Exports {
		if err := checkItem(item); err != nil {
			return fmt.Errorf("export %q: %w", item.Name(), err)
		}
	}
	return nil
}

func checkItem(item *wit.WorldItem) error {
	switch {
	case item.Func != nil:
		return checkFunc(item.Func)
	case item.Type != nil:
		if _, ok := item.Type.Type.(*wit.Resource); ok {
			return fmt.Errorf("no echo of resources of a world itself")
		}
		return checkType(item.Type.Type)
	}
	for _, d := range item.Interface.Types {
		if err := checkType(d.Type); err != nil {
			return fmt.Errorf("type %q: %w", d.Name, err)
		}
	}
	for _, f := range item.Interface.Funcs {
		if err := checkFunc(f); err != nil {
			return fmt.Errorf("function %q: %w", f.Name, err)
		}
	}
	return nil
}

func checkFunc(f *wit.Func) error {
	if f.Async {
		return fmt.Errorf("no echo of async functions")
	}
	for _, p := range f.Params {
		if err := checkType(p.Type); err != nil {
			return fmt.Errorf("parameter %q: %w", p.Name, err)
		}
	}
	return checkType(f.Result)
}

func checkType(t wit.Type) error {
	switch t := t.(type) {
	case nil, *wit.Enum, *wit.Flags, *wit.Handle, *wit.Resource:
		return nil
	case wit.Primitive:
		if t != wit.ErrorContext {
			return nil
		}
	case *wit.TypeDef:
		return checkType(t.Type)
	case *wit.Record:
		for _, f := range t.Fields {
			if err := checkType(f.Type); err != nil {
				return err
			}
		}
		return nil
	case *wit.Variant:
		for _, c := range t.Cases {
			if err := checkType(c.Type); err != nil {
				return err
			}
		}
		return nil
	case *wit.Tuple:
		return checkTypes(t.Types...)
	case *wit.List:
		return checkType(t.Elem)
	case *wit.Map:
		return checkTypes(t.Key, t.Value)
	case *wit.Option:
		return checkType(t.Elem)
	case *wit.Result:
		return checkTypes(t.OK, t.Err)
	}
	return fmt.Errorf("no echo of values of type %s", wit.TypeText(t))
}

func checkTypes(types ...wit.Type) error {
	for _, t := range types {
		if err := checkType(t); err != nil {
			return err
		}
	}
	return nil
}
