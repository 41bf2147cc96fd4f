package entity

import (
	"strings"
	"testing"

	"github.com/witgen/witgen/wit/internal/binary"
)

func plain(text string) binary.Name { return binary.Name{Text: text} }

var (
	u8List   = &binary.Type{Kind: binary.List, Args: []binary.Value{{Kind: binary.U8}}}
	resource = &binary.Type{Kind: binary.Resource}
	byEq     = binary.ExternType{Sort: binary.TypeSort}
	bySub    = binary.ExternType{Sort: binary.TypeSort, Resource: true}
)

// takes returns the type of a function that takes a value of a type.
func takes(index uint32) *binary.Type {
	a := binary.Member{Name: "a", Type: binary.Value{Kind: binary.Indexed, Index: index}}
	return &binary.Type{Kind: binary.FuncType, Members: []binary.Member{a}, Args: []binary.Value{{}}}
}

// TestInstantiate follows a type and a function through a component that is
// instantiated with them, as tools wrap exported interfaces.
func TestInstantiate(t *testing.T) {
	shim := &binary.Component{Defs: []binary.Def{
		&binary.Alias{Sort: binary.TypeSort, Outer: true, Count: 1}, // type 0: the list
		&binary.Import{Name: plain("t"), Type: byEq},                // type 1
		&binary.Import{Name: plain("r"), Type: bySub},               // type 2
		takes(1), // type 3
		&binary.Import{Name: plain("f"), Type: binary.ExternType{Sort: binary.FuncSort, Index: 3}},
		&binary.Export{Name: plain("t"), Ref: binary.Ref{Sort: binary.TypeSort, Index: 1}},
		&binary.Export{Name: plain("f"), Ref: binary.Ref{Sort: binary.FuncSort}},
		&binary.Export{Name: plain("r"), Ref: binary.Ref{Sort: binary.TypeSort, Index: 2}},
	}}
	root := &binary.Component{Defs: []binary.Def{
		u8List,
		resource,
		takes(0),
		&binary.Func{Type: 2},
		shim,
		&binary.Instance{Instantiate: true, Args: []binary.Arg{
			{Name: plain("t"), Ref: binary.Ref{Sort: binary.TypeSort}},
			{Name: plain("r"), Ref: binary.Ref{Sort: binary.TypeSort, Index: 1}},
			{Name: plain("f"), Ref: binary.Ref{Sort: binary.FuncSort}},
		}},
		&binary.Export{Name: plain("a:b/c"), Ref: binary.Ref{Sort: binary.InstanceSort}},
	}}
	imports, exports, err := NewEvaluator(100).Root(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(imports) != 0 || len(exports) != 1 || exports[0].Name.Text != "a:b/c" {
		t.Fatalf("imports %v, exports %v", imports, exports)
	}
	items := exports[0].Item.(*Instance).Exports
	if len(items) != 3 {
		t.Fatalf("%d exports, want 3", len(items))
	}
	list := items[0].Item.(*Type)
	if list.Alias == nil || list.Root().Def != u8List {
		t.Errorf("t is %+v, want another name of the list", list)
	}
	if got := items[2].Item.(*Type).Root().Def; got != resource {
		t.Errorf("r is %+v, want the resource", got)
	}
	// The function is the one that the shim declares, in terms of its imports.
	f := items[1].Item.(*Func).Type
	a, err := f.At(f.Def.Members[0].Type.Index)
	if err != nil {
		t.Fatal(err)
	}
	if a.Root().Def != u8List {
		t.Errorf("a is %+v, want the list", a.Root().Def)
	}
	if _, err := f.At(3); err == nil || !strings.Contains(err.Error(), "type 3 is not defined here") {
		t.Errorf("a type after the function's: %v", err)
	}
}

// TestFresh checks that each import of one instance type has resources of its
// own, and aliases of one thing are that thing.
func TestFresh(t *testing.T) {
	instance := &binary.Type{Kind: binary.InstanceType, Decls: []binary.Def{
		&binary.Export{Name: plain("r"), Ascribed: true, Type: bySub},
		&binary.Export{Name: plain("s"), Ascribed: true, Type: byEq}, // equal to r
	}}
	of := binary.ExternType{Sort: binary.InstanceSort}
	root := &binary.Component{Defs: []binary.Def{
		instance,
		&binary.Import{Name: plain("a"), Type: of},
		&binary.Import{Name: plain("b"), Type: of},
		&binary.Alias{Sort: binary.TypeSort, Name: "r"},
		&binary.Alias{Sort: binary.TypeSort, Name: "r"},
		&binary.Export{Name: plain("x"), Ref: binary.Ref{Sort: binary.TypeSort, Index: 1}},
		&binary.Export{Name: plain("y"), Ref: binary.Ref{Sort: binary.TypeSort, Index: 2}},
		&binary.Export{Name: plain("again"), Ref: binary.Ref{Sort: binary.InstanceSort, Index: 1}, Ascribed: true, Type: of},
	}}
	imports, exports, err := NewEvaluator(100).Root(root)
	if err != nil {
		t.Fatal(err)
	}
	a, b := imports[0].Item.(*Instance), imports[1].Item.(*Instance)
	ar, br := a.Exports[0].Item.(*Type), b.Exports[0].Item.(*Type)
	if ar == br || ar.Root() == br.Root() {
		t.Error("two imports have one resource")
	}
	if a.Exports[1].Item.(*Type).Alias != ar {
		t.Error("s is not another name of r")
	}
	x, y := exports[0].Item.(*Type), exports[1].Item.(*Type)
	if x == y || x.Alias != ar || y.Alias != ar {
		t.Error("exports are not names of their own for the resource of the import")
	}
	again := exports[2].Item.(*Instance)
	if again == b || again.Exports[0].Item.(*Type).Root() != br.Root() {
		t.Error("an instance with a type ascribed has another resource")
	}
}
