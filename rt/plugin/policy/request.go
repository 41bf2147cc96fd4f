package policy

import (
	"slices"
	"strings"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi"
)

// Request is what a component asks for.
type Request struct {
	// Imports are the names of what it imports, "wasi:filesystem/types@0.2.0".
	Imports []string
	// Manifest is what its author says that it needs; nil is all that it imports.
	Manifest *Manifest
}

// Manifest is what a component's author says that it needs. What is not there is
// not needed, but for limits, where it is not known.
type Manifest struct {
	Limits Limits `json:"limits,omitzero"`
	FS     []Dir  `json:"fs,omitempty"` // by the guest's paths; the host's are not looked at
	Net    Net    `json:"net,omitzero"`
	Env    Env    `json:"env,omitzero"` // the names in Allow

	KeyValue []string `json:"keyvalue,omitempty"`
}

// RequestOf returns the request of a component with these imports, as
// [rt.Component.Imports] and [rt.Inspect] have them.
func RequestOf(imports []rt.Extern) Request {
	var r Request
	for _, im := range imports {
		r.Imports = append(r.Imports, im.Name)
		if im.Implements != "" {
			r.Imports = append(r.Imports, im.Implements)
		}
	}
	return r
}

// wants reports whether there is an import that begins so.
func (r Request) wants(front string) bool {
	return slices.ContainsFunc(r.Imports, func(name string) bool { return strings.HasPrefix(name, front) })
}

// lookup is the interface by which names are looked up.
const lookup = "wasi:sockets/ip-name-lookup"

// interfaces are those of WASI by which something of the network is reached: how
// their names begin.
var interfaces = map[wasi.Protocol]string{
	wasi.TCP:   "wasi:sockets/tcp",
	wasi.UDP:   "wasi:sockets/udp",
	wasi.HTTP:  "wasi:http/outgoing-handler",
	wasi.HTTPS: "wasi:http/outgoing-handler",
	wasi.DNS:   lookup,
}

const files = "wasi:filesystem/"

var anyName = []Rule{{wasi.Rule{Protocol: wasi.DNS, Host: "*"}}}

// cutRules returns what of rules a component can use: of a protocol whose sockets
// it does not import it may still look up the names.
func (r Request) cutRules(rules []Rule) []Rule {
	var all []Rule
	for _, rule := range rules {
		switch {
		case r.wants(interfaces[rule.Protocol]):
			all = append(all, rule)
		case r.wants(lookup):
			all = append(all, rule.and(anyName)...)
		}
	}
	return widest(all)
}

// denied returns the imports that nothing is granted of.
func (r Request) denied(e *Effective) (all []string) {
	for _, name := range r.Imports {
		none := false
		_, deny := e.denies(name)
		switch plain, _, _ := strings.Cut(name, "@"); {
		case strings.HasPrefix(name, files):
			none = len(e.FS) == 0
		case strings.HasPrefix(name, keyvalue):
			none = len(e.KeyValue) == 0
		case strings.HasPrefix(name, logging):
			none = e.Logging == LogOff
		case plain == lookup:
			none = !slices.ContainsFunc(e.Net, func(rule Rule) bool { return len(rule.and(anyName)) > 0 })
		case deny:
			none = true
		default:
			for _, front := range interfaces {
				if strings.HasPrefix(name, front) {
					none = !slices.ContainsFunc(e.Net, func(rule Rule) bool { return interfaces[rule.Protocol] == front })
				}
			}
		}
		if none {
			all = append(all, name)
		}
	}
	return all
}
