package wit_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/witgen/witgen/wit"
)

// dumpAll writes out all packages that were loaded, every exported field of
// everything in them but positions. References are written as names.
func dumpAll(p *wit.Package) string {
	var all []string
	for _, q := range p.Loaded() {
		d := dumper{}
		d.fields(reflect.ValueOf(*q), "")
		all = append(all, d.b.String())
	}
	slices.Sort(all)
	return strings.Join(all, "")
}

type dumper struct{ b strings.Builder }

// fields writes the fields of a struct, each on lines of its own.
func (d *dumper) fields(v reflect.Value, indent string) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || f.Type == reflect.TypeFor[wit.Pos]() {
			continue
		}
		d.value(f.Name, v.Field(i), indent, owns(v, f.Name))
	}
}

// owns reports whether a field holds things, and not references to them.
func owns(v reflect.Value, field string) bool {
	switch x := v.Interface().(type) {
	case wit.Package:
		return field != "Deps"
	case wit.WorldItem:
		return field != "Interface" || x.Interface != nil && x.Interface.Name == ""
	case wit.Interface:
		return field != "Package"
	case wit.World:
		return field != "Package"
	case wit.TypeDef:
		_, alias := x.Type.(*wit.TypeDef)
		return field == "Type" && !alias
	}
	return false
}

func (d *dumper) value(name string, v reflect.Value, indent string, own bool) {
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() {
		fmt.Fprintf(&d.b, "%s%s nil\n", indent, name)
		return
	}
	switch v.Kind() {
	case reflect.Slice:
		fmt.Fprintf(&d.b, "%s%s %d\n", indent, name, v.Len())
		for i := range v.Len() {
			d.value(fmt.Sprintf("%s %d", name, i), v.Index(i), indent+" ", own)
		}
	case reflect.Struct:
		fmt.Fprintf(&d.b, "%s%s\n", indent, name)
		d.fields(v, indent+" ")
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		if text, ok := reference(v.Interface()); ok && !own {
			fmt.Fprintf(&d.b, "%s%s -> %s\n", indent, name, text)
			return
		}
		fmt.Fprintf(&d.b, "%s%s %s\n", indent, name, v.Type().Elem().Name())
		d.fields(v.Elem(), indent+" ")
	default:
		fmt.Fprintf(&d.b, "%s%s %#v\n", indent, name, v.Interface())
	}
}

func reference(x any) (string, bool) {
	switch x := x.(type) {
	case *wit.Package:
		return x.Name.String(), true
	case *wit.Interface:
		if x.Name == "" {
			return "the inline interface", true
		}
		return x.ID(), true
	case *wit.World:
		return x.ID(), true
	case *wit.TypeDef:
		return refText(x), true
	}
	return "", false
}
