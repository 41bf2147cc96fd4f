package policy

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/witgen/witgen/rt/wasi"
)

// Rule is a rule of the network, in the language of [wasi.ParseRule]; in text it
// may be the URL of a server too, "https://api.example.com:443".
type Rule struct{ wasi.Rule }

// ParseRule reads a rule.
func ParseRule(text string) (Rule, error) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		r, err := wasi.ParseRule(text)
		return Rule{r}, err
	}
	rest = strings.TrimSuffix(rest, "/")
	switch {
	case strings.ContainsAny(rest, "/?#"):
		return Rule{}, fmt.Errorf("rule %s: a path is nothing that a rule can grant: write %s://%s",
			quote(text), scheme, rest[:strings.IndexAny(rest, "/?#")])
	case strings.Contains(rest, "@"):
		return Rule{}, fmt.Errorf("rule %s: a rule has no user", quote(text))
	}
	r, err := wasi.ParseRule(scheme + ":" + rest)
	return Rule{r}, err
}

// MarshalText returns the rule as ParseRule reads it.
func (r Rule) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what ParseRule does.
func (r *Rule) UnmarshalText(text []byte) (err error) {
	if len(text) > 1024 {
		return fmt.Errorf("rule %s: too long", quote(string(text)))
	}
	*r, err = ParseRule(string(text))
	return err
}

// Net is what a plugin may use of the network, by sockets and by HTTP.
type Net struct {
	Allow []Rule `json:"allow,omitempty"`
	// ResolvePrivate lets the names of Allow have addresses of private networks;
	// none that are of this machine, or of the services of a cloud.
	ResolvePrivate bool `json:"resolve_private,omitempty"`
}

// private are the addresses of private networks, see RFC 1918, 6598 and 4193, and
// all that are public.
var private = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0"),
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("fc00::/7"),
}

// rules returns the rules, which say themselves what their names may be.
func (n Net) rules() []Rule {
	var all []Rule
	for _, r := range n.Allow {
		if n.ResolvePrivate && r.named() && len(r.Peers) == 0 {
			r.Peers = private
		}
		all = append(all, r)
	}
	return canonical(all)
}

// named reports whether the rule has names that are resolved to addresses.
func (r Rule) named() bool {
	_, err := netip.ParseAddr(r.Host)
	return err != nil && r.Direction != wasi.Listen && r.Protocol != wasi.DNS &&
		r.Host != "*" && !strings.Contains(r.Host, "/") && !strings.EqualFold(strings.TrimSuffix(r.Host, "."), "localhost")
}

// canonical returns rules in one spelling and order, without those that others
// have in them.
func canonical(rules []Rule) []Rule {
	var all []Rule
	for _, r := range rules {
		for _, same := range r.And(r.Rule) {
			all = append(all, Rule{same})
		}
	}
	return widest(all)
}

// and returns the rules for what the rule and one of others grant.
func (r Rule) and(others []Rule) []Rule {
	var all []Rule
	for _, o := range others {
		for _, both := range r.And(o.Rule) {
			all = append(all, Rule{both})
		}
	}
	return widest(all)
}

// widest sorts rules in canonical spelling and drops those that are in others.
func widest(rules []Rule) []Rule {
	slices.SortFunc(rules, func(a, b Rule) int { return cmp.Compare(a.String(), b.String()) })
	rules = slices.CompactFunc(rules, equalRules)
	return slices.DeleteFunc(slices.Clone(rules), func(r Rule) bool {
		return slices.ContainsFunc(rules, func(o Rule) bool { return !equalRules(r, o) && r.within(o) })
	})
}

// within reports whether the other grants all that the rule does, which is in
// canonical spelling.
func (r Rule) within(o Rule) bool {
	both := r.And(o.Rule)
	return len(both) == 1 && equalRules(Rule{both[0]}, r)
}

func equalRules(a, b Rule) bool { return a.String() == b.String() }
