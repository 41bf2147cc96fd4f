package policy

import (
	"cmp"
	"net/netip"
	"slices"
)

// And returns the rules that grant what both r and o grant, in a spelling and an
// order that are always the same: names in lower case, ports in full. None means
// that nothing is granted by both, or that one of them is wrong. No rule returned
// grants more than either; less only where no rule says it: an address that is
// granted by itself in one and by its name in the other is not in both.
func (r Rule) And(o Rule) []Rule {
	a, errA := r.check()
	b, errB := o.check()
	if errA != nil || errB != nil {
		return nil
	}
	both, ok := common(a.rule, b.rule)
	switch {
	case !ok:
		return nil
	case both.Protocol == DNS:
		host, ok := meetNames(a.host, b.host)
		if !ok {
			return nil
		}
		both.Host = host.String()
		return []Rule{both}
	case both.Direction == Listen:
		return both.listenAnd(a, b)
	}
	return both.reachAnd(a, b)
}

// common returns what two rules have in common but for their hosts.
func common(a, b Rule) (both Rule, ok bool) {
	if a.Protocol != b.Protocol {
		looksUp := func(r Rule) bool {
			return r.Protocol == DNS || r.Direction != Listen && (r.Protocol == TCP || r.Protocol == UDP)
		}
		return Rule{Protocol: DNS}, (a.Protocol == DNS || b.Protocol == DNS) && looksUp(a) && looksUp(b)
	}
	both.Protocol = a.Protocol
	switch {
	case a.Direction == b.Direction || b.Direction == Connect && a.Direction != Listen:
		both.Direction = a.Direction
	case a.Direction == Connect && b.Direction != Listen:
		both.Direction = b.Direction
	default:
		return Rule{}, false
	}
	if a.Protocol == DNS {
		return both, true
	}
	both.Ports = Ports{max(a.Ports.First, b.Ports.First), min(a.Ports.Last, b.Ports.Last)}
	ok = both.Ports.First <= both.Ports.Last && (both.Direction == Listen || both.Ports.Last > 0)
	return both, ok
}

var (
	everywhere = prefixes("0.0.0.0/0", "::/0")
	loopback   = prefixes("127.0.0.0/8", "::1/128")
)

// reachAnd returns the rules for what two rules reach.
func (r Rule) reachAnd(a, b grant) []Rule {
	set := meetSets(a.addresses(), b.addresses(), meet)
	if len(set) == 0 {
		return nil
	}
	if host, ok := meetNames(a.host, b.host); ok && (!host.local || slices.Equal(set, loopback)) {
		r.Host = host.String()
		if !host.local && !slices.Equal(set, everywhere) {
			r.Peers = set
		}
		return []Rule{r}
	}
	if a.host.byAddress() && b.host.byAddress() {
		return r.each(set)
	}
	return nil
}

// byAddress reports whether the host is addresses that need no name.
func (t target) byAddress() bool { return t.any || t.local || t.prefix.IsValid() }

// each returns a rule for each prefix.
func (r Rule) each(set []netip.Prefix) (all []Rule) {
	for _, p := range set {
		r.Host = target{prefix: p}.String()
		all = append(all, r)
	}
	return all
}

// listenAnd returns the rules for what two rules let listen.
func (r Rule) listenAnd(a, b grant) []Rule {
	set := meetSets(a.locals(), b.locals(), narrower)
	peers := meetSets(a.heard(), b.heard(), narrower)
	if len(set) == 0 || len(peers) == 0 {
		return nil
	}
	if !slices.Equal(peers, everywhere) {
		r.Peers = peers
	}
	switch {
	case slices.Equal(set, everywhere):
		r.Host = "*"
		return []Rule{r}
	case slices.Equal(set, loopback):
		r.Host = "localhost"
		return []Rule{r}
	}
	all := r.each(set)
	for i, p := range set {
		if p.Bits() == 0 {
			all[i].Host = p.Addr().String() // as everybody writes it
		}
	}
	return all
}

// addresses returns the prefixes that cover what a rule reaches: see covers.
func (g grant) addresses() []netip.Prefix {
	switch {
	case g.host.prefix.IsValid():
		return []netip.Prefix{g.host.prefix}
	case g.host.local:
		return loopback
	case len(g.rule.Peers) > 0:
		return g.rule.Peers
	}
	return everywhere
}

// locals returns the prefixes of the addresses of this machine that a rule has.
func (g grant) locals() []netip.Prefix {
	switch p := g.host.prefix; {
	case g.host.any:
		return everywhere
	case g.host.local:
		return loopback
	case p.IsSingleIP() && p.Addr().IsUnspecified():
		return []netip.Prefix{netip.PrefixFrom(p.Addr(), 0)}
	default:
		return []netip.Prefix{p}
	}
}

// heard returns the prefixes of who is heard by a rule.
func (g grant) heard() []netip.Prefix {
	if len(g.rule.Peers) == 0 {
		return everywhere
	}
	return g.rule.Peers
}

// meetNames returns the names that two hosts have in common; none if one has
// addresses instead.
func meetNames(a, b target) (target, bool) {
	switch {
	case a.prefix.IsValid() || b.prefix.IsValid():
		return target{}, false
	case a.any:
		return b, true
	case b.any:
		return a, true
	case a.local || b.local:
		return a, a.local && b.local
	case a.name != "":
		return a, b.named(a.name)
	case b.name != "":
		return b, a.named(b.name)
	case len(a.suffix) < len(b.suffix):
		a, b = b, a
	}
	return a, b.named(a.suffix)
}

// String returns the host as a rule has it.
func (t target) String() string {
	switch {
	case t.any:
		return "*"
	case t.local:
		return "localhost"
	case t.prefix.IsSingleIP():
		return t.prefix.Addr().String()
	case t.prefix.IsValid():
		return t.prefix.String()
	case t.suffix != "":
		return "*" + t.suffix
	}
	return t.name
}

// meetSets returns what two sets of prefixes have in common, in order.
func meetSets(a, b []netip.Prefix, meet func(p, q netip.Prefix) (netip.Prefix, bool)) (set []netip.Prefix) {
	for _, p := range a {
		for _, q := range b {
			if m, ok := meet(p, q); ok && !slices.Contains(set, m) {
				set = append(set, m)
			}
		}
	}
	all := slices.Clone(set)
	set = slices.DeleteFunc(set, func(p netip.Prefix) bool {
		return slices.ContainsFunc(all, func(q netip.Prefix) bool {
			m, ok := meet(p, q)
			return ok && m == p && p != q
		})
	})
	slices.SortFunc(set, func(p, q netip.Prefix) int {
		return cmp.Or(p.Addr().Compare(q.Addr()), cmp.Compare(p.Bits(), q.Bits()))
	})
	return set
}

// narrower returns the prefix that is in the other.
func narrower(p, q netip.Prefix) (netip.Prefix, bool) {
	if p.Bits() < q.Bits() {
		p, q = q, p
	}
	return p, q.Contains(p.Addr())
}

// meet returns the prefix that covers what both cover.
func meet(p, q netip.Prefix) (netip.Prefix, bool) {
	wider := min(p.Bits(), q.Bits())
	p, ok := narrower(p, q)
	if !ok {
		return p, false
	}
	least := 0 // what a prefix has to have to cover what is special in p
	for _, r := range ranges {
		for _, s := range r.prefixes {
			if s.Bits() <= p.Bits() && s.Contains(p.Addr()) {
				least = max(least, s.Bits())
			}
		}
	}
	if least > 0 {
		return p, wider >= least
	}
	for _, e := range embeddings {
		if e.prefix.Bits() > p.Bits() || !e.prefix.Contains(p.Addr()) || wider >= e.prefix.Bits() {
			continue
		}
		// The wider one covers those alone that stand for public addresses.
		_, name := special(p.Addr())
		return p, p.IsSingleIP() && name == ""
	}
	return p, true
}
