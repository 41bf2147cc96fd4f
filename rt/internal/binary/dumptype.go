package binary

import (
	"fmt"
	"strings"
)

func (d *dumper) typeDef(t *Type) {
	d.def(SortType, 0, "%s", typeText(t.Type))
	switch t := t.Type.(type) {
	case *ComponentType:
		d.decls(t.Decls)
	case *InstanceType:
		d.decls(t.Decls)
	}
}

func (d *dumper) decls(decls []Decl) {
	d.scope(func() {
		for _, decl := range decls {
			switch decl := decl.(type) {
			case *CoreType:
				d.coreType(decl.Type)
			case *Type:
				d.typeDef(decl)
			case *Alias:
				d.def(decl.Sort, decl.Core, "%s", aliasText(decl))
			case *ImportDecl:
				d.def(decl.Type.Sort, CoreModSort, "import %s %s", nameText(decl.Name), externText(decl.Type))
			case *ExportDecl:
				d.def(decl.Type.Sort, CoreModSort, "export %s %s", nameText(decl.Name), externText(decl.Type))
			}
		}
	})
}

// typeText is a type without its declarations.
func typeText(t DefType) string {
	switch t := t.(type) {
	case PrimType:
		return t.String()
	case *RecordType:
		return "record" + fieldsText(t.Fields)
	case *VariantType:
		var b strings.Builder
		b.WriteString("variant")
		for _, c := range t.Cases {
			fmt.Fprintf(&b, " (%q%s)", c.Name, payloadText(" ", c.Type))
		}
		return b.String()
	case *ListType:
		if t.Fixed {
			return fmt.Sprintf("list %v of %d", t.Elem, t.Len)
		}
		return fmt.Sprintf("list %v", t.Elem)
	case *MapType:
		return fmt.Sprintf("map %v %v", t.Key, t.Value)
	case *TupleType:
		return "tuple" + words(" ", t.Types)
	case *FlagsType:
		return "flags" + quoted(t.Names)
	case *EnumType:
		return "enum" + quoted(t.Names)
	case *OptionType:
		return fmt.Sprintf("option %v", t.Elem)
	case *ResultType:
		return "result" + payloadText(" ok ", t.OK) + payloadText(" error ", t.Err)
	case *HandleType:
		if t.Borrow {
			return fmt.Sprintf("borrow %d", t.Type)
		}
		return fmt.Sprintf("own %d", t.Type)
	case *StreamType:
		return "stream" + payloadText(" ", t.Elem)
	case *FutureType:
		return "future" + payloadText(" ", t.Elem)
	case *ResourceType:
		if t.Dtor != nil {
			return fmt.Sprintf("resource %v dtor %d", t.Rep, *t.Dtor)
		}
		return fmt.Sprintf("resource %v", t.Rep)
	case *FuncType:
		async := ""
		if t.Async {
			async = "async "
		}
		return async + "func" + fieldsText(t.Params) + payloadText(" result ", t.Result)
	case *ComponentType:
		return "component"
	default:
		return "instance"
	}
}

func fieldsText(fields []Field) string {
	var b strings.Builder
	for _, f := range fields {
		fmt.Fprintf(&b, " (%q %v)", f.Name, f.Type)
	}
	return b.String()
}

// payloadText is the prefix and the type, or nothing when there is none.
func payloadText(prefix string, t *ValType) string {
	if t == nil {
		return ""
	}
	return prefix + t.String()
}

func words[T any](prefix string, list []T) string {
	var b strings.Builder
	for _, v := range list {
		fmt.Fprintf(&b, "%s%v", prefix, v)
	}
	return b.String()
}

func quoted(names []string) string {
	var b strings.Builder
	for _, n := range names {
		fmt.Fprintf(&b, " %q", n)
	}
	return b.String()
}

func (d *dumper) coreType(t CoreDefType) {
	switch t := t.(type) {
	case *CoreFuncType:
		d.def(SortCore, CoreTypeSort, "func%s%s", words(" param ", t.Params), words(" result ", t.Results))
	case *CoreOtherType:
		d.def(SortCore, CoreTypeSort, "other % x", t.Bytes)
	case *CoreModuleType:
		d.def(SortCore, CoreTypeSort, "module")
		d.scope(func() {
			for _, decl := range t.Decls {
				d.coreModuleDecl(decl)
			}
		})
	}
}

func (d *dumper) coreModuleDecl(decl CoreModuleDecl) {
	switch {
	case decl.Import != nil:
		im := decl.Import
		d.line("import %q %q %s", im.Module, im.Name, coreExternText(im.Type))
	case decl.Outer != nil:
		d.def(SortCore, CoreTypeSort, "alias outer %d %d", decl.Outer.Count, decl.Outer.Idx)
	case decl.Export != nil:
		d.line("export %q %s", decl.Export.Name, coreExternText(decl.Export.Type))
	default:
		d.coreType(decl.Type)
	}
}

func coreExternText(t CoreExternType) string {
	switch t.Sort {
	case CoreTable:
		return fmt.Sprintf("table %v%s", t.Val, limitsText(t.Limits))
	case CoreMemory:
		return "memory" + limitsText(t.Limits)
	case CoreGlobal:
		if t.Mutable {
			return fmt.Sprintf("global mut %v", t.Val)
		}
		return fmt.Sprintf("global %v", t.Val)
	default:
		return fmt.Sprintf("%v type %d", t.Sort, t.Type)
	}
}

func limitsText(l CoreLimits) string {
	text := ""
	if l.Is64 {
		text = " i64"
	}
	text += fmt.Sprintf(" %d", l.Min)
	if l.HasMax {
		text += fmt.Sprintf(" %d", l.Max)
	}
	if l.Shared {
		text += " shared"
	}
	return text
}
