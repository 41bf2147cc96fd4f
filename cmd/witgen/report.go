package main

import (
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/wit"
)

// report is what inspect prints, with the names of its JSON.
type report struct {
	Kind          string            `json:"kind"`
	Size          int               `json:"size"`
	Error         string            `json:"error,omitempty"`
	Imports       []externReport    `json:"imports,omitempty"`
	Exports       []externReport    `json:"exports,omitempty"`
	Memory        uint64            `json:"memory,omitempty"`
	CoreInstances int               `json:"core_instances,omitempty"`
	CoreModules   []moduleReport    `json:"core_modules,omitempty"`
	Components    []componentReport `json:"components,omitempty"`
	Features      []featureReport   `json:"features,omitempty"`
	Producers     []producerReport  `json:"producers,omitempty"`
}

type externReport struct {
	Name       string         `json:"name"`
	Kind       string         `json:"kind,omitempty"`
	Implements string         `json:"implements,omitempty"`
	Type       string         `json:"type,omitempty"`
	Items      []externReport `json:"items,omitempty"`
}

type moduleReport struct {
	Name      string         `json:"name,omitempty"`
	Component int            `json:"component"`
	Offset    int            `json:"offset"`
	Size      int            `json:"size"`
	Instances int            `json:"instances"`
	Code      int            `json:"code"`
	Data      int            `json:"data"`
	Custom    int            `json:"custom"`
	Functions int            `json:"functions"`
	Start     bool           `json:"start,omitempty"`
	Imports   []string       `json:"imports,omitempty"`
	Exports   []string       `json:"exports,omitempty"`
	Memories  []limitsReport `json:"memories,omitempty"`
	Tables    []limitsReport `json:"tables,omitempty"`
}

type limitsReport struct {
	Imported bool    `json:"imported,omitempty"`
	Min      uint64  `json:"min"`
	Max      *uint64 `json:"max,omitempty"`
	Shared   bool    `json:"shared,omitempty"`
	Is64     bool    `json:"is64,omitempty"`
}

type componentReport struct {
	Name   string `json:"name,omitempty"`
	Within int    `json:"within"`
	Offset int    `json:"offset"`
	Size   int    `json:"size"`
}

type featureReport struct {
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	Uses      int    `json:"uses"`
	Supported bool   `json:"supported"`
}

type producerReport struct {
	Field   string `json:"field"`
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

func reportOf(x *rt.Info) *report {
	r := &report{
		Kind: "component", Size: x.Size, Memory: x.Memory, CoreInstances: x.CoreInstances,
		Imports: externReports(x.Imports, x.ImportNames), Exports: externReports(x.Exports, x.ExportNames),
	}
	if x.Err != nil {
		r.Error = x.Err.Error()
	}
	for _, m := range x.Modules {
		r.CoreModules = append(r.CoreModules, moduleReportOf(m))
	}
	for _, c := range x.Components {
		r.Components = append(r.Components, componentReport(c))
	}
	for _, f := range x.Features {
		r.Features = append(r.Features, featureReport{string(f.Kind), f.Name, f.Uses, f.Supported})
	}
	for _, p := range x.Producers {
		r.Producers = append(r.Producers, producerReport(p))
	}
	return r
}

// externReports describes imports or exports; by their names alone if there is
// nothing else.
func externReports(list []rt.Extern, names []string) []externReport {
	var out []externReport
	for _, e := range list {
		x := externReport{Name: e.Name, Kind: e.Kind(), Implements: e.Implements, Items: externReports(e.Instance, nil)}
		switch x.Kind {
		case "func":
			x.Type = wit.FuncText(e.Func)
		case "type":
			x.Type = wit.TypeText(e.Type)
		}
		out = append(out, x)
	}
	if len(list) == 0 {
		for _, name := range names {
			out = append(out, externReport{Name: name})
		}
	}
	return out
}

func moduleReportOf(m rt.ModuleInfo) moduleReport {
	r := moduleReport{
		Name: m.Name, Component: m.Component, Offset: m.Offset, Size: m.Size, Instances: m.Instances,
		Code: m.Code, Data: m.Data, Custom: m.Custom, Functions: m.Functions, Start: m.Start,
		Memories: limitsReports(m.Memories), Tables: limitsReports(m.Tables),
	}
	if m.Type != nil {
		r.Imports, r.Exports = m.Type.Imports, m.Type.Exports
	}
	return r
}

func limitsReports(list []rt.CoreLimits) []limitsReport {
	var out []limitsReport
	for _, l := range list {
		r := limitsReport{Imported: l.Imported, Min: l.Min, Shared: l.Shared, Is64: l.Is64}
		if l.HasMax {
			r.Max = &l.Max
		}
		out = append(out, r)
	}
	return out
}
