package wit

import (
	"encoding/json"
	"strings"

	"github.com/witgen/witgen/wit/internal/binary"
	"github.com/witgen/witgen/wit/internal/syntax"
)

// packageDocs is the documentation of a package in its binary form, in which
// gates stand, too. It is JSON behind a byte with the number of the form: 0,
// in which there are no gates, or 1.
type packageDocs struct {
	Package    string                   `json:"package"`
	Docs       string                   `json:"docs"`
	Worlds     map[string]worldDocs     `json:"worlds"`
	Interfaces map[string]interfaceDocs `json:"interfaces"`
}

type worldDocs struct {
	Docs      string        `json:"docs"`
	Stability stabilityDocs `json:"stability"`
	// Interfaces and Funcs without a name of their own, where the form 0 has
	// exports among imports.
	Interfaces       map[string]interfaceDocs `json:"interfaces"`
	InterfaceExports map[string]interfaceDocs `json:"interface_exports"`
	Funcs            map[string]itemDocs      `json:"funcs"`
	FuncExports      map[string]itemDocs      `json:"func_exports"`
	Types            map[string]itemDocs      `json:"types"`
	// Gates of interfaces that are imported or exported by their ID.
	InterfaceImportStability map[string]stabilityDocs `json:"interface_import_stability"`
	InterfaceExportStability map[string]stabilityDocs `json:"interface_export_stability"`
}

type interfaceDocs struct {
	Docs      string              `json:"docs"`
	Stability stabilityDocs       `json:"stability"`
	Funcs     map[string]itemDocs `json:"funcs"`
	Types     map[string]itemDocs `json:"types"`
}

// itemDocs documents a type or function. That of a function may be its text
// alone.
type itemDocs struct {
	Docs      string            `json:"docs"`
	Stability stabilityDocs     `json:"stability"`
	Items     map[string]string `json:"items"` // fields, cases and flags
}

func (i *itemDocs) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &i.Docs)
	}
	type plain itemDocs
	return json.Unmarshal(data, (*plain)(i))
}

type stabilityDocs struct {
	Stable *struct {
		Since      string `json:"since"`
		Deprecated string `json:"deprecated"`
	} `json:"stable"`
	Unstable *struct {
		Feature    string `json:"feature"`
		Deprecated string `json:"deprecated"`
	} `json:"unstable"`
}

// annotate adds what a file says of a package beside its types. What it says
// of things that are not there is passed over.
func (d *decoder) annotate(p *Package, section binary.Custom) error {
	if len(section.Data) == 0 || section.Data[0] > 1 {
		return errorAt(section.Offset, "the documentation is of an unknown form")
	}
	var docs packageDocs
	if err := json.Unmarshal(section.Data[1:], &docs); err != nil {
		return errorAt(section.Offset, "the documentation: %v", err)
	}
	for _, q := range d.packages {
		if q.Name.String() == docs.Package {
			p = q
		}
	}
	a := annotator{offset: section.Offset}
	p.Docs = a.docs(docs.Docs)
	for _, i := range p.Interfaces {
		if about, ok := docs.Interfaces[i.Name]; ok {
			a.interfaceDocs(i, about)
		}
	}
	for _, w := range p.Worlds {
		if about, ok := docs.Worlds[w.Name]; ok {
			a.world(w, about)
		}
	}
	return a.err
}

// annotator adds documentation, and keeps the first thing that is wrong.
type annotator struct {
	offset int
	err    error
}

// docs returns a text as it can stand in a comment.
func (a *annotator) docs(text string) Docs {
	return Docs(syntax.Clean(strings.ReplaceAll(text, "\r", "")))
}

func (a *annotator) stability(s stabilityDocs) Stability {
	var out Stability
	switch {
	case s.Stable != nil:
		out = Stability{Since: s.Stable.Since, Deprecated: s.Stable.Deprecated}
	case s.Unstable != nil:
		out = Stability{Feature: s.Unstable.Feature, Deprecated: s.Unstable.Deprecated}
	default:
		return Stability{}
	}
	valid := out.Deprecated == "" || syntax.ValidVersion(out.Deprecated)
	if s.Stable != nil {
		valid = valid && syntax.ValidVersion(out.Since)
	} else {
		valid = valid && syntax.CheckName(out.Feature) == ""
	}
	if !valid && a.err == nil {
		a.err = errorAt(a.offset, "the documentation has a gate that is none: %+v", out)
	}
	return out
}

func (a *annotator) interfaceDocs(i *Interface, about interfaceDocs) {
	i.Docs, i.Stability = a.docs(about.Docs), a.stability(about.Stability)
	for _, d := range i.Types {
		if item, ok := about.Types[d.Name]; ok {
			a.typeDocs(d, item)
		}
	}
	for _, f := range i.Funcs {
		if item, ok := about.Funcs[f.Name]; ok {
			f.Docs, f.Stability = a.docs(item.Docs), a.stability(item.Stability)
		}
	}
}

func (a *annotator) typeDocs(d *TypeDef, about itemDocs) {
	d.Docs, d.Stability = a.docs(about.Docs), a.stability(about.Stability)
	switch t := d.Type.(type) {
	case *Record:
		for i := range t.Fields {
			t.Fields[i].Docs = a.docs(about.Items[t.Fields[i].Name])
		}
	case *Variant:
		for i := range t.Cases {
			t.Cases[i].Docs = a.docs(about.Items[t.Cases[i].Name])
		}
	case *Enum:
		a.labels(t.Cases, about)
	case *Flags:
		a.labels(t.Flags, about)
	}
}

func (a *annotator) labels(labels []Label, about itemDocs) {
	for i := range labels {
		labels[i].Docs = a.docs(about.Items[labels[i].Name])
	}
}

func (a *annotator) world(w *World, about worldDocs) {
	w.Docs, w.Stability = a.docs(about.Docs), a.stability(about.Stability)
	for _, item := range w.Imports {
		a.worldItem(item, about, about.Funcs[item.Label], about.Interfaces[item.Label], about.InterfaceImportStability)
	}
	for _, item := range w.Exports {
		f, ok := about.FuncExports[item.Label]
		if !ok {
			f = about.Funcs[item.Label]
		}
		i, ok := about.InterfaceExports[item.Label]
		if !ok {
			i = about.Interfaces[item.Label]
		}
		a.worldItem(item, about, f, i, about.InterfaceExportStability)
	}
}

func (a *annotator) worldItem(item *WorldItem, about worldDocs, f itemDocs, i interfaceDocs, byID map[string]stabilityDocs) {
	switch {
	case item.Func != nil:
		item.Docs, item.Stability = a.docs(f.Docs), a.stability(f.Stability)
		item.Func.Docs, item.Func.Stability = item.Docs, item.Stability
	case item.Type != nil:
		a.typeDocs(item.Type, about.Types[item.Label])
		item.Docs, item.Stability = item.Type.Docs, item.Type.Stability
	case item.Interface.Name == "":
		a.interfaceDocs(item.Interface, i)
		item.Docs, item.Stability = item.Interface.Docs, item.Interface.Stability
	default:
		item.Stability = a.stability(byID[item.Name()])
	}
}
