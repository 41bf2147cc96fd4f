package main

import (
	"fmt"
	"strings"

	"github.com/witgen/witgen/internal/findings"
	"github.com/witgen/witgen/rt"
)

// targetRules are what targets finds, in a sentence each.
var targetRules = []findings.Rule{
	{ID: "IMPORT_MISSING", Summary: "The host has what the component imports."},
	{ID: "IMPORT_WRONG_TYPE", Summary: "What the component imports has the type that the host has for it."},
	{ID: "IMPORT_DENIED", Summary: "The policy grants something of what the component imports."},
	{ID: "EXPORT_MISSING", Summary: "The component exports what the world does, but for what is optional."},
	{ID: "EXPORT_WRONG_TYPE", Summary: "What the component exports has the type that the world has for it."},
	{ID: "POLICY_REFUSED", Summary: "The policy lets a host load the component."},
	{ID: "TARGET_ERROR", Summary: "Nothing else keeps the component from being linked."},
}

// eachMisfit calls f for what does not fit of imports or exports: with the
// interface that it is in, if it is in one. An interface that is missing is one.
func eachMisfit(items []rt.FitItem, f func(in, x *rt.FitItem)) {
	for i := range items {
		it := &items[i]
		if it.Verdict == rt.Missing || it.Verdict == rt.WrongType && len(it.Items) == 0 {
			f(nil, it)
			continue
		}
		for j := range it.Items {
			if x := &it.Items[j]; x.Verdict == rt.Missing || x.Verdict == rt.WrongType {
				f(it, x)
			}
		}
	}
}

// findings returns what does not fit. Of releases only the best is told of, which
// is the last that has fewest misfits.
func (f *targetsFlags) findings(t *targeted) []findings.Finding {
	var all []findings.Finding
	add := func(severity findings.Severity, rule, item, message string) {
		all = append(all, findings.Finding{
			Place: findings.Place{File: t.path}, Severity: severity, Rule: rule, Tag: t.path, Item: item, Message: message,
		})
	}
	best := t.best()
	if fit := t.fits[best]; fit.Err != nil {
		for _, side := range t.sides(fit) {
			eachMisfit(side.items, func(in, x *rt.FitItem) {
				rule := side.rule + "_MISSING"
				if x.Verdict == rt.WrongType {
					rule = side.rule + "_WRONG_TYPE"
				}
				add(findings.Error, rule, itemPath(in, x), fmt.Sprintf("`%s` %s: %s", itemPath(in, x), side.word, misfitText(side.exports, in, x)))
			})
		}
		if len(all) == 0 {
			add(findings.Error, "TARGET_ERROR", "", fit.Err.Error())
		}
	}
	if t.rights != nil {
		for _, d := range t.rights.Denied {
			add(findings.Warning, "IMPORT_DENIED", "", d)
		}
		for _, r := range t.refused(best) {
			add(findings.Error, "POLICY_REFUSED", "", r)
		}
	}
	return all
}

// passed names the hosts that the component fits.
func (t *targeted) passed() []string {
	var all []string
	for i, h := range t.hosts {
		if t.fitting(i) {
			all = append(all, t.path+" fits "+h.world.Name)
		}
	}
	return all
}

// fitSide is one of the sides of a component.
type fitSide struct {
	word, rule string
	exports    bool
	items      []rt.FitItem
}

func (t *targeted) sides(f *rt.Fit) []fitSide {
	return []fitSide{{"import", "IMPORT", false, f.Imports}, {"export", "EXPORT", true, f.Exports}}
}

// best returns the last host that the component fits and that the policy lets load
// it, or else the last one with the fewest misfits.
func (t *targeted) best() (best int) {
	least := 0
	for i, f := range t.fits {
		n := len(t.refused(i))
		for _, side := range t.sides(f) {
			eachMisfit(side.items, func(_, _ *rt.FitItem) { n++ })
		}
		if f.Err != nil {
			n++
		}
		if i == 0 || n <= least {
			best, least = i, n
		}
	}
	return best
}

// itemPath names an item in an interface.
func itemPath(in, x *rt.FitItem) string {
	if in == nil {
		return x.Name
	}
	return in.Name + "#" + x.Name
}

// misfitText says how an item does not fit.
func misfitText(exports bool, in, x *rt.FitItem) string {
	with := ""
	if in != nil && in.With != "" && in.With != in.Name {
		with = " " + in.With
	}
	have, want := "host"+with, "component"
	if exports {
		have, want = "component"+with, "host"
	}
	var b strings.Builder
	if x.Verdict == rt.WrongType {
		if x.Guest == "" {
			return "another type than it has to be"
		}
		types := map[bool]string{false: x.Host, true: x.Guest}
		fmt.Fprintf(&b, "%s has %s, %s wants %s", have, types[exports], want, types[!exports])
		return b.String()
	}
	fmt.Fprintf(&b, "%s does not have it", have)
	if len(x.Versions) > 0 {
		fmt.Fprintf(&b, ", but %s", strings.Join(x.Versions, ", "))
	} else if x.Near != "" {
		fmt.Fprintf(&b, ", but %s", x.Near)
	}
	if wants := x.Guest + x.Host; wants != "" {
		fmt.Fprintf(&b, "; %s wants %s", want, wants)
	}
	return b.String()
}

// targetReport is what came of a component and a host, as JSON.
type targetReport struct {
	Component string       `json:"component"`
	World     string       `json:"world"`
	From      string       `json:"from"`
	Fits      bool         `json:"fits"`
	Error     string       `json:"error,omitempty"`
	Imports   []targetItem `json:"imports,omitempty"`
	Exports   []targetItem `json:"exports,omitempty"`
	Memory    uint64       `json:"memory"`
	Grants    []string     `json:"grants,omitempty"`
	Denied    []string     `json:"denied,omitempty"`
	Refused   []string     `json:"refused,omitempty"`
}

type targetItem struct {
	Name     string       `json:"name"`
	Verdict  rt.Verdict   `json:"verdict"`
	With     string       `json:"with,omitempty"`
	Beside   bool         `json:"beside,omitempty"`
	Versions []string     `json:"versions,omitempty"`
	Near     string       `json:"near,omitempty"`
	Guest    string       `json:"guest,omitempty"`
	Host     string       `json:"host,omitempty"`
	Items    []targetItem `json:"items,omitempty"`
}

func targetItems(list []rt.FitItem) []targetItem {
	all := make([]targetItem, len(list))
	for i, x := range list {
		all[i] = targetItem{x.Name, x.Verdict, x.With, x.Beside, x.Versions, x.Near, x.Guest, x.Host, targetItems(x.Items)}
	}
	return all
}

// reports returns what came of a component, host by host.
func (f *targetsFlags) reports(t *targeted) []targetReport {
	all := make([]targetReport, len(t.fits))
	for i, fit := range t.fits {
		r := &all[i]
		*r = targetReport{
			Component: t.path, World: fit.World, From: t.hosts[i].from, Fits: fit.Err == nil,
			Imports: targetItems(fit.Imports), Exports: targetItems(fit.Exports), Memory: t.memory,
		}
		if fit.Err != nil {
			r.Error = fit.Err.Error()
		}
		for _, g := range t.grants {
			r.Grants = append(r.Grants, g.Error())
		}
		if t.rights != nil {
			r.Denied, r.Refused, r.Fits = t.rights.Denied, t.refused(i), t.fitting(i)
		}
	}
	return all
}
