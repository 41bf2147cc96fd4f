package wit_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/wit/compat"
)

// reading is what wasm-tools reads of a package.
type reading struct {
	interfaces map[string]bool
	resources  map[string]bool   // "interface#name"
	funcs      map[string]string // "interface#name": the types of parameters and result, spelled out
	names      map[string]string // of parameters
}

// resolve is what wasm-tools prints as JSON.
type resolve struct {
	Interfaces []struct {
		Name      string
		Types     map[string]int
		Functions map[string]struct {
			Params []struct {
				Name string
				Type any
			}
			Result any
		}
	}
	Types []struct {
		Name  string
		Kind  any
		Owner struct{ Interface *int }
	}
	Packages []struct {
		Name       string
		Interfaces map[string]int
	}
}

// readWASI has wasm-tools read a package of WASI.
func readWASI(t *testing.T, root, path string) *reading {
	t.Helper()
	data, err := wasmTools(t, "component", "wit", "--json", absolute(t, path))
	if err != nil {
		t.Fatal(err)
	}
	var res resolve
	if err := json.Unmarshal(data, &res); err != nil {
		t.Fatal(err)
	}
	r := &reading{interfaces: make(map[string]bool), resources: make(map[string]bool), funcs: make(map[string]string), names: make(map[string]string)}
	for _, p := range res.Packages {
		if !strings.HasPrefix(p.Name, "wasi:"+root+"@") {
			continue
		}
		for name, id := range p.Interfaces {
			r.interfaces[name] = true
			i := &res.Interfaces[id]
			for typ, id := range i.Types {
				if res.Types[id].Kind == "resource" {
					r.resources[name+"#"+typ] = true
				}
			}
			for f, x := range i.Functions {
				kind, text := "", ""
				if at := strings.LastIndexByte(f, ']'); at >= 0 {
					kind, f = f[1:at], f[at+1:]
				}
				item := name + "#" + f
				if kind == "constructor" {
					item += ".constructor"
				}
				if strings.HasPrefix(kind, "async") {
					text = "async "
				}
				for _, p := range x.Params {
					r.names[item] += p.Name + " "
					text += res.text(p.Type) + ", "
				}
				r.funcs[item] = text + "-> " + res.text(x.Result)
			}
		}
	}
	if len(r.funcs) == 0 {
		t.Fatalf("wasm-tools reads no function of wasi:%s", root)
	}
	return r
}

// text spells out a type: numbers are indices of types, and resources are known by
// the interface that has them.
func (r *resolve) text(t any) string {
	switch t := t.(type) {
	case float64:
		typ := &r.Types[int(t)]
		if typ.Kind == "resource" {
			return r.Interfaces[*typ.Owner.Interface].Name + "." + typ.Name
		}
		return r.text(typ.Kind)
	case []any:
		var all []string
		for _, x := range t {
			all = append(all, r.text(x))
		}
		return "[" + strings.Join(all, " ") + "]"
	case map[string]any:
		if of, ok := t["type"]; ok && len(t) == 1 {
			return r.text(of)
		}
		var all []string
		for _, key := range slices.Sorted(maps.Keys(t)) {
			if key != "docs" && key != "stability" {
				all = append(all, key+":"+r.text(t[key]))
			}
		}
		return "{" + strings.Join(all, " ") + "}"
	}
	return fmt.Sprint(t)
}

// changes are the names of what changed in a package.
type changes struct {
	goneInterfaces, goneResources, newResources []string
	gone, added, changed, renamed               []string // functions of interfaces that are still there
}

// changesBetween compares two readings.
func changesBetween(old, now *reading) *changes {
	c := &changes{}
	for i := range old.interfaces {
		if !now.interfaces[i] {
			c.goneInterfaces = append(c.goneInterfaces, i)
		}
	}
	stays := func(item string) bool {
		i, _, _ := strings.Cut(item, "#")
		return old.interfaces[i] && now.interfaces[i]
	}
	for r := range old.resources {
		if stays(r) && !now.resources[r] {
			c.goneResources = append(c.goneResources, r)
		}
	}
	for r := range now.resources {
		if stays(r) && !old.resources[r] {
			c.newResources = append(c.newResources, r)
		}
	}
	for f, was := range old.funcs {
		is, ok := now.funcs[f]
		switch {
		case !stays(f):
		case !ok:
			c.gone = append(c.gone, f)
		case was != is:
			c.changed = append(c.changed, f)
		case old.names[f] != now.names[f]:
			c.renamed = append(c.renamed, f)
		}
	}
	for f := range now.funcs {
		if _, ok := old.funcs[f]; !ok && stays(f) {
			c.added = append(c.added, f)
		}
	}
	return c
}

// String counts them.
func (c *changes) String() string {
	return fmt.Sprintf("%d interfaces gone; of the others %d resources gone, %d new; %d functions gone, %d new, %d of other types, %d with other names of parameters",
		len(c.goneInterfaces), len(c.goneResources), len(c.newResources), len(c.gone), len(c.added), len(c.changed), len(c.renamed))
}

// add adds those of another package.
func (c *changes) add(more *changes) {
	for _, l := range []struct {
		to   *[]string
		more []string
	}{
		{&c.goneInterfaces, more.goneInterfaces}, {&c.goneResources, more.goneResources}, {&c.newResources, more.newResources},
		{&c.gone, more.gone}, {&c.added, more.added}, {&c.changed, more.changed}, {&c.renamed, more.renamed},
	} {
		*l.to = append(*l.to, l.more...)
	}
}

// found is what package compat finds: the same lists, but that functions of
// resources that are gone or new are not in them, and those that changed because a
// type did are its users alone.
type found struct {
	changes
	users map[string]bool // of types that changed
	named map[string]bool // of types that are gone, maybe for others of the same shape
}

// foundChanges sorts findings by whose items begin with a prefix.
func foundChanges(list []compat.Finding, prefix string) *found {
	c := &found{users: make(map[string]bool), named: make(map[string]bool)}
	for _, f := range list {
		item, ours := strings.CutPrefix(f.Item, prefix)
		users := c.users
		if f.Rule == "TYPE_NO_DELETE" {
			users = c.named
		}
		for _, u := range f.UsedBy {
			users[strings.TrimPrefix(u, prefix)] = true
		}
		if !ours {
			continue
		}
		guests := f.Direction == compat.ToGuests
		switch f.Rule {
		case "WORLD_IMPORT_NO_DELETE", "WORLD_EXPORT_NO_DELETE", "INTERFACE_NO_DELETE":
			if guests {
				c.goneInterfaces = append(c.goneInterfaces, item)
				_, with, _ := strings.Cut(f.Message, "and with it ")
				for _, name := range strings.Split(with, "`") {
					if in, ours := strings.CutPrefix(name, prefix); ours {
						in, _, _ = strings.Cut(in, "@")
						c.goneInterfaces = append(c.goneInterfaces, in)
					}
				}
			}
		case "RESOURCE_NO_DELETE":
			if guests {
				c.goneResources = append(c.goneResources, item)
			}
		case "RESOURCE_ADDED_IMPORT", "RESOURCE_ADDED_EXPORT":
			c.newResources = append(c.newResources, item)
		case "FUNC_NO_DELETE", "METHOD_NO_DELETE":
			if guests {
				c.gone = append(c.gone, item)
			} else if f.New != nil { // the name that it has now
				name, _, _ := strings.Cut(f.New.Text, ":")
				at := strings.LastIndexAny(item, "#.")
				c.added = append(c.added, item[:at+1]+name)
			}
		case "FUNC_ADDED_IMPORT", "FUNC_ADDED_EXPORT", "METHOD_ADDED_IMPORT", "METHOD_ADDED_EXPORT":
			c.added = append(c.added, item)
		case "FUNC_SAME_ASYNC", "FUNC_SAME_PARAMS", "FUNC_SAME_RESULT", "METHOD_SAME_KIND":
			c.changed = append(c.changed, item)
		case "FUNC_SAME_PARAM_NAMES":
			c.renamed = append(c.renamed, item)
		}
	}
	return c
}

// compare compares what wasm-tools reads with what is found.
func (c *changes) compare(t *testing.T, root string, ours *found) {
	t.Helper()
	t.Logf("wasi:%s: %s", root, c)
	// resource returns that of a function.
	resource := func(f string) string { r, _, _ := strings.Cut(f, "."); return r }
	except := func(list, resources []string) (rest []string) {
		for _, f := range list {
			if !slices.Contains(resources, resource(f)) {
				rest = append(rest, f)
			}
		}
		return rest
	}
	equal := func(what string, theirs, ours []string) {
		t.Helper()
		slices.Sort(theirs)
		slices.Sort(ours)
		if ours = slices.Compact(ours); !slices.Equal(theirs, ours) {
			t.Errorf("wasi:%s: %s: wasm-tools reads %q, found is %q", root, what, theirs, ours)
		}
	}
	equal("interfaces that are gone", c.goneInterfaces, ours.goneInterfaces)
	equal("resources that are gone", c.goneResources, ours.goneResources)
	equal("new resources", c.newResources, ours.newResources)
	equal("functions that are gone", except(c.gone, c.goneResources), ours.gone)
	equal("new functions", except(c.added, c.newResources), ours.added)
	equal("functions of which only names changed", c.renamed, ours.renamed)
	for _, f := range c.changed {
		if !slices.Contains(ours.changed, f) && !ours.users[f] && !ours.named[f] {
			t.Errorf("wasi:%s: wasm-tools reads another type of %s, which is not found", root, f)
		}
	}
	for _, f := range ours.changed {
		if !slices.Contains(c.changed, f) {
			t.Errorf("wasi:%s: %s is found to have changed, and wasm-tools reads what it was", root, f)
		}
	}
	for f := range ours.users {
		if strings.Contains(f, ":") || slices.Contains(c.changed, f) || slices.Contains(c.gone, f) {
			continue
		}
		if i, _, _ := strings.Cut(f, "#"); slices.Contains(c.goneInterfaces, i) {
			continue
		}
		t.Errorf("wasi:%s: %s is said to use what changed, and wasm-tools reads what it was", root, f)
	}
}
