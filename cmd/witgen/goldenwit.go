package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/witgen/witgen/wit"
)

// goldenWIT returns the text of a package, with the packages that it needs,
// without documentation and in an order that no edit changes which means the
// same. The package is the function's to change.
func goldenWIT(p *wit.Package) []byte {
	sortPackage(p)
	slices.SortFunc(p.Deps, func(a, b *wit.Package) int { return compareNames(a.Name, b.Name) })
	for _, dep := range p.Deps {
		sortPackage(dep)
	}
	return []byte(wit.Print(p, p.Deps...))
}

// sortPackage sorts what is in a package by name, and drops its documentation.
func sortPackage(p *wit.Package) {
	p.Docs = ""
	slices.SortFunc(p.Interfaces, func(a, b *wit.Interface) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(p.Worlds, func(a, b *wit.World) int { return strings.Compare(a.Name, b.Name) })
	for _, i := range p.Interfaces {
		sortInterface(i)
	}
	for _, w := range p.Worlds {
		w.Docs = ""
		for _, items := range [][]*wit.WorldItem{w.Imports, w.Exports} {
			slices.SortFunc(items, compareItems)
			for _, item := range items {
				sortItem(item)
			}
		}
	}
}

func sortItem(item *wit.WorldItem) {
	item.Docs = ""
	switch {
	case item.Func != nil:
		item.Func.Docs = ""
	case item.Type != nil:
		dropDocs(item.Type)
	case item.Interface.Name == "":
		sortInterface(item.Interface)
	}
}

func sortInterface(i *wit.Interface) {
	i.Docs = ""
	for _, f := range i.Funcs {
		f.Docs = ""
	}
	for _, t := range i.Types {
		dropDocs(t)
	}
	slices.SortFunc(i.Types, compareTypes)
	slices.SortFunc(i.Funcs, func(a, b *wit.Func) int {
		return cmp.Or(compareOwners(a.Resource, b.Resource), strings.Compare(a.Name, b.Name))
	})
}

// dropDocs drops the documentation of a type and its parts.
func dropDocs(t *wit.TypeDef) {
	t.Docs = ""
	switch t := t.Type.(type) {
	case *wit.Record:
		for i := range t.Fields {
			t.Fields[i].Docs = ""
		}
	case *wit.Variant:
		for i := range t.Cases {
			t.Cases[i].Docs = ""
		}
	case *wit.Enum:
		for i := range t.Cases {
			t.Cases[i].Docs = ""
		}
	case *wit.Flags:
		for i := range t.Flags {
			t.Flags[i].Docs = ""
		}
	}
}

// compareOwners orders the resources that functions are of, which keeps those of
// one together, and in the order of the types: the last are those of none.
func compareOwners(a, b *wit.TypeDef) int {
	switch {
	case a == b:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return compareTypes(a, b)
}

// compareItems orders what a world imports or exports: types first.
func compareItems(a, b *wit.WorldItem) int {
	switch {
	case a.Type != nil && b.Type != nil:
		return compareTypes(a.Type, b.Type)
	case a.Type != nil:
		return -1
	case b.Type != nil:
		return 1
	}
	return strings.Compare(a.Name(), b.Name())
}

// compareTypes orders types: those that are used from elsewhere first, as they
// are together there.
func compareTypes(a, b *wit.TypeDef) int {
	from, of := usedFrom(a), usedFrom(b)
	switch {
	case from != "" && of == "":
		return -1
	case from == "" && of != "":
		return 1
	}
	return cmp.Or(strings.Compare(from, of), strings.Compare(a.Name, b.Name))
}

// usedFrom returns the interface that a type is used from; "" for one that is
// declared where it is.
func usedFrom(t *wit.TypeDef) string {
	of, ok := t.Type.(*wit.TypeDef)
	if !ok || of.Owner == t.Owner || of.Owner.Interface == nil {
		return ""
	}
	return of.Owner.Interface.ID()
}
