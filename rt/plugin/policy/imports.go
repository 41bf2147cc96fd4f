package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin/policy/internal/yamltext"
	"github.com/witgen/witgen/rt/wasi"
)

// Imports returns those of what a host has beside a plugin's world that the plugin
// is given, and whether stubs stand for all that it is not: where what is denied is
// to trap, what the policy grants nothing of is not among them. It may change all.
func (e Effective) Imports(all []rt.Import) (given []rt.Import, stubs bool) {
	if e.Deny != Trap || len(e.Denied) == 0 {
		return all, false
	}
	return slices.DeleteFunc(all, func(im rt.Import) bool {
		return slices.ContainsFunc(e.Denied, func(name string) bool {
			a, _, _ := strings.Cut(name, "@")
			b, _, _ := strings.Cut(im.Interface.Name, "@")
			return a == b
		})
	}), true
}

// ExplainImport says of an import in Denied what would grant something of it: a
// line of the plugin's policy, or of the ceiling, the manifest or what the host
// calls are bound by, where those took it away. The notes are those of [Resolve],
// and the file may be nil.
func (e Effective) ExplainImport(f *File, plugin, name string, notes []Note) *Denied {
	told := &Denied{Code: "RT401", What: "import " + shown(name), Key: "plugins." + plugin}
	word, key, line := e.wordsFor(name)
	switch by := whoCut(notes, word, name); {
	case word == "host_calls":
		told.Key = yamltext.Key(told.Key+"."+word, key)
		told.Line = line
	case by == byCeiling:
		told.What += " (" + byCeiling + " denies what is granted)"
		told.Key, told.Line = "ceiling."+key, line
	case by == byManifest:
		told.What += " (" + byManifest + " does not ask for what is granted)"
		told.Key = ""
	default:
		told.Key += "." + key
		told.Line = line
	}
	if f != nil && told.Key != "" {
		told.At = f.At(told.Key)
	}
	return told
}

// whoCut returns who left nothing of what the policy grants that an import is for;
// empty if nobody did.
func whoCut(notes []Note, word, name string) string {
	for _, n := range slices.Backward(notes) {
		if n.What != word || n.To != "" && n.To != string(LogOff) {
			continue
		}
		if r, err := ParseRule(n.From); word == "net" && (err != nil || !strings.HasPrefix(name, interfaces[r.Protocol]) && !strings.HasPrefix(name, lookup)) {
			continue // a rule for something else
		}
		return n.By
	}
	return ""
}

// wordsFor returns the word of a policy for an import, the key, and a line that
// grants something of it, with capitals for what nobody but its writer knows.
func (e Effective) wordsFor(name string) (word, key, line string) {
	if key, ok := e.denies(name); ok {
		return "host_calls", key, "{per_call: N}"
	}
	switch {
	case strings.HasPrefix(name, files):
		return "fs", "fs", "[{host: /DIRECTORY, guest: /DIRECTORY, mode: ro}]"
	case strings.HasPrefix(name, keyvalue):
		return "keyvalue", "keyvalue", "[BUCKET]"
	case strings.HasPrefix(name, logging):
		return "logging", "logging", string(LogInfo)
	}
	rule := "https:HOST"
	for protocol, front := range interfaces {
		if strings.HasPrefix(name, front) && front != interfaces[wasi.HTTPS] {
			rule = protocol.String() + ":HOST"
			if front != lookup {
				rule += ":PORT"
			}
		}
	}
	return "net", "net.allow", fmt.Sprintf("[%q]", rule)
}
