package gen

import (
	"maps"
	"slices"
	"strings"

	"github.com/witgen/witgen/wit"
)

// wasiTrack is the version of WASI that package rt/wasi implements.
const wasiTrack = "0.2"

// wasiInterfaces are the interfaces that have their bindings in rt/wasi/p2, by
// their packages.
var wasiInterfaces = map[string][]string{
	"io":         {"error", "poll", "streams"},
	"clocks":     {"monotonic-clock", "timezone", "wall-clock"},
	"random":     {"insecure", "insecure-seed", "random"},
	"filesystem": {"preopens", "types"},
	"sockets":    {"instance-network", "ip-name-lookup", "network", "tcp", "tcp-create-socket", "udp", "udp-create-socket"},
	"cli": {
		"environment", "exit", "run", "stderr", "stdin", "stdout",
		"terminal-input", "terminal-output", "terminal-stderr", "terminal-stdin", "terminal-stdout",
	},
	"http": {"incoming-handler", "outgoing-handler", "types"},
}

// wasiDrafts are the drafts that have their bindings in folders below
// rt/wasi/draft, each in its version.
var wasiDrafts = map[string]string{
	"wasi:config/store@0.2.0-rc.1":    "config",
	"wasi:config/store@0.2.0-draft":   "config",
	"wasi:config/runtime@0.2.0-draft": "config/v0_2_0_draft",

	"wasi:logging/logging@0.1.0-draft": "logging",
	"wasi:logging/logging":             "logging",

	"wasi:keyvalue/store@0.2.0-draft2":   "keyvalue",
	"wasi:keyvalue/atomics@0.2.0-draft2": "keyvalue",
	"wasi:keyvalue/batch@0.2.0-draft2":   "keyvalue",
	"wasi:keyvalue/watcher@0.2.0-draft2": "keyvalue",

	"wasi:keyvalue/store@0.2.0-draft":   "keyvalue/v0_2_0_draft",
	"wasi:keyvalue/atomics@0.2.0-draft": "keyvalue/v0_2_0_draft",
	"wasi:keyvalue/batch@0.2.0-draft":   "keyvalue/v0_2_0_draft",
	"wasi:keyvalue/watcher@0.2.0-draft": "keyvalue/v0_2_0_draft",
}

// wasiExports are those of them that guests export.
var wasiExports = map[string]bool{"wasi:cli/run": true, "wasi:http/incoming-handler": true, "wasi:keyvalue/watcher": true}

// wasiBindings returns the folder below rt/wasi that has the bindings of an
// interface, and the versions that it has them for; empty if there are none.
func wasiBindings(i *wit.Interface) (folder, version string) {
	of := i.Package.Name
	if folder := wasiDrafts[i.ID()]; folder != "" {
		return "draft/" + folder, of.Version
	}
	if of.Namespace == "wasi" && wit.Track(of.Version) == wasiTrack && slices.Contains(wasiInterfaces[of.Name], i.Name) {
		return "p2/" + of.Name, wasiTrack
	}
	return "", ""
}

// wasiRename is the rename that the bindings are made with.
const wasiRenamed, wasiRename = "wasi:sockets/network.network", "Handle"

// addWASI adds a rule for each folder of bindings of WASI that the world has
// interfaces of.
func (x *existing) addWASI(w *wit.World) {
	exported := make(map[*wit.Interface]bool)
	for _, item := range w.Exports {
		exported[item.Interface] = item.Interface != nil
	}
	rules := make(map[string]*withRule)
	for _, i := range reach(w) {
		pkg := unversioned(i.Package.Name)
		folder, version := wasiBindings(i)
		if folder == "" || exported[i] && !wasiExports[pkg+"/"+i.Name] {
			continue
		}
		r := rules[folder]
		if r == nil {
			item := pkg + "/" + everyInterface
			if version != "" {
				item += "@" + version
			}
			r = &withRule{
				item: item, path: rtPath + "/wasi/" + folder + "/" + everyInterface,
				itemPath: itemPath{pkg, everyInterface, version},
				used:     true, only: make(map[*wit.Interface]bool),
			}
			rules[folder] = r
		}
		r.only[i] = true
	}
	for _, folder := range slices.Sorted(maps.Keys(rules)) {
		x.rules = append(x.rules, rules[folder])
	}
}

// runtime reports whether the runtime has bindings of an interface and
// implements it.
func (x *existing) runtime(i *wit.Interface) bool {
	r := x.find(i)
	return r != nil && r.only != nil
}

// renames returns the rules for the names of items, with those of the bindings
// that the runtime has. Others cannot be given.
func (x *existing) renames(rename map[string]string, interfaces []*wit.Interface) (all map[string]string, preset []string) {
	all = maps.Clone(rename)
	for _, i := range interfaces {
		if !x.runtime(i) {
			continue
		}
		name, id := unversioned(i.Package.Name)+"/"+i.Name, i.ID()
		for _, path := range slices.Sorted(maps.Keys(rename)) {
			before, _, _ := strings.Cut(path, ".")
			if path == name || path == id || before == name || strings.HasPrefix(path, id+".") {
				x.errs.addRule(Rule{"rename", path, rename[path]}, "%s has its bindings in %s, whose names are settled",
					quote(i.ID()), x.find(i).path)
			}
		}
		if strings.HasPrefix(wasiRenamed, name+".") {
			if all == nil {
				all = make(map[string]string)
			}
			all[wasiRenamed] = wasiRename
			preset = append(preset, wasiRenamed)
		}
	}
	return all, preset
}
