package policy

import (
	"fmt"
	"net/netip"
	"net/url"
	"path"
	"strings"
	"unicode"

	"github.com/witgen/witgen/rt/plugin/policy/internal/yamltext"
	"github.com/witgen/witgen/rt/wasi"
)

// Denied is what to tell people of a denial.
type Denied struct {
	Code string // "RT401"; "RT402" for an address that is not of the public Internet
	What string // what was denied, and why
	Key  string // of the policy to review: "plugins.greeter.fs"
	Line string // what would grant it there; empty if nothing should
	At   string // "file:line" of the key; empty if it is not known
}

// Error returns what was denied, and the line of the policy to review.
func (d *Denied) Error() string {
	text := "denied: " + d.What
	if d.Line == "" {
		return text
	}
	text += "; to review: " + d.Key + ": " + d.Line
	if d.At != "" {
		text += " (" + d.At + ")"
	}
	return text
}

// Explain says of a denial of a plugin what would grant it. The file may be nil.
func (e Effective) Explain(f *File, plugin string, d wasi.Denial) *Denied {
	told := &Denied{Code: "RT401", Key: "plugins." + plugin}
	switch d.Capability {
	case "filesystem":
		e.explainFile(told, d)
	case "tcp", "udp", "dns", "http":
		e.explainNet(told, d)
	case "keyvalue":
		e.explainBucket(told, d)
	default: // what policies have no words for
		told.What = fmt.Sprintf("%s %s %s (%s)", d.Capability, d.Operation, shown(d.Target), shown(d.Reason))
	}
	if f != nil {
		told.At = f.At(told.Key)
	}
	return told
}

// ExplainCall says of a call of a host function that was refused what would grant
// it. Key is that of HostCalls by which there was none left. The file may be nil.
func (e Effective) ExplainCall(f *File, plugin, key string) *Denied {
	told := &Denied{Code: "RT401", Key: "plugins." + plugin + ".host_calls"}
	h := e.HostCalls[key]
	granted := "none"
	if !h.Deny {
		granted = h.PerCall.String() + " in a call"
	} else {
		h.PerCall = 0
	}
	told.What = fmt.Sprintf("host call %s (granted: %s)", key, granted)
	told.Line = fmt.Sprintf("%q: {per_call: %d}", key, h.PerCall+1)
	if f != nil {
		told.At = f.At(yamltext.Key(told.Key, key))
	}
	return told
}

func (e Effective) explainFile(told *Denied, d wasi.Denial) {
	told.Key += ".fs"
	var grants []string
	var nearest *Dir
	target := cleanPath(d.Target)
	for i, dir := range e.FS {
		grants = append(grants, dir.Guest+" "+string(dir.Mode))
		if _, ok := below(target, dir.Guest); ok && (nearest == nil || len(dir.Guest) > len(nearest.Guest)) {
			nearest = &e.FS[i]
		}
	}
	told.What = fmt.Sprintf("fs %s %s (grants: %s)", strings.TrimSuffix(d.Operation, "-at"), shown(d.Target), list(grants))
	switch {
	case nearest == nil && strings.HasPrefix(target, "/"):
		told.Line = fmt.Sprintf("{host: ..., guest: %s, mode: ro}", shown(path.Dir(target)))
	case nearest != nil && d.ReadOnly:
		told.Line = fmt.Sprintf("{host: %s, guest: %s, mode: rw}", nearest.Host, nearest.Guest)
	}
}

func (e Effective) explainNet(told *Denied, d wasi.Denial) {
	told.Key += ".net"
	verb := d.Operation
	if _, function, ok := strings.Cut(verb, "."); ok {
		verb = function
	}
	what := strings.TrimSpace("net " + strings.TrimPrefix(verb, "start-") + " " + shown(d.Target))
	if d.Capability == "http" {
		what = "http " + shown(d.Target)
	}
	rule, ok := ruleOf(d)
	switch {
	case d.Address != "":
		told.Code = "RT402"
		host := rule.Host
		told.What = fmt.Sprintf("net connect %s for %s (%s address)", d.Address, shown(host), d.Range)
		if d.Range == "private" {
			told.Line = "resolve_private: true"
		}
		return
	case d.Range != "":
		told.Code = "RT402"
		told.What = fmt.Sprintf("%s (%s address)", what, d.Range)
	default:
		var grants []string
		for _, r := range e.Net {
			grants = append(grants, r.String())
		}
		told.What = fmt.Sprintf("%s (grants: %s)", what, list(grants))
	}
	if ok {
		told.Key += ".allow"
		told.Line = fmt.Sprintf("[%q]", rule.String())
	}
}

// ruleOf returns the smallest rule that grants what was denied.
func ruleOf(d wasi.Denial) (wasi.Rule, bool) {
	text := ""
	_, verb, _ := strings.Cut(d.Operation, ".")
	switch d.Capability {
	case "dns":
		text = "dns:" + d.Target
	case "http":
		_, target, _ := strings.Cut(d.Target, " ")
		u, err := url.Parse(target)
		if err != nil {
			return wasi.Rule{}, false
		}
		text = u.Scheme + ":" + u.Host
	case "tcp", "udp":
		if _, err := netip.ParseAddrPort(d.Target); err != nil {
			return wasi.Rule{}, false // a socket, and nobody knows yet where to
		}
		direction, ok := map[string]string{
			"start-connect": "", "stream": "", "start-bind": "listen:", "start-listen": "listen:",
			"send": "send:", "receive": "receive:",
		}[verb]
		if !ok {
			return wasi.Rule{}, false
		}
		text = direction + d.Capability + ":" + d.Target
	}
	r, err := wasi.ParseRule(text)
	// The target is a guest's text, which must not become a rule for more.
	return r, err == nil && !strings.ContainsAny(r.Host, "*/") && len(r.Peers) == 0
}

func list(texts []string) string {
	if len(texts) == 0 {
		return "none"
	}
	return strings.Join(texts, ", ")
}

// maxShown is how many bytes of a guest's text are shown.
const maxShown = 256

// shown returns a guest's text as it may be shown: printable, and not long.
func shown(s string) string {
	cut := ""
	if len(s) > maxShown {
		s, cut = s[:maxShown], "..."
	}
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return unicode.ReplacementChar
		}
		return c
	}, strings.ToValidUTF8(s, "\ufffd")) + cut
}
