package policy

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/witgen/witgen/rt/wasi"
)

// maxLearned is how many different things of a kind are remembered.
const maxLearned = 1024

// Learned collects what runs of a plugin used and were denied, and says which
// policy would have been enough. It never writes a file: what it says is for
// people to review. It may be used from any goroutine.
//
// What is denied teaches what is missing, and [Learned.Observe] what is used, so
// that one run with [Learned.Grant] often is enough; after another with what was
// learned nothing should be left. Directories of the base policy stay, since
// nobody can say which path of the host another one would be; so does the
// environment, which guests get as a whole.
type Learned struct {
	base    Policy
	ceiling Ceiling

	mu       sync.Mutex
	runs     int
	most     Run
	rules    map[string]bool
	writes   map[string]bool // guest paths of directories
	notes    map[Note]bool
	private  bool
	requests map[string]bool // hosts and ports that requests are sent to
	names    map[netip.Addr]string
	buckets  map[string]bool
}

// Run is what a call of a plugin took.
type Run struct {
	Fuel      uint64
	Memory    int64 // bytes that its instance ever had
	Took      time.Duration
	HostCalls map[string]HostCall // by function: how many, and how many bytes
}

// NewLearned returns a Learned that begins with a policy, as [File.Plugin]
// returns it, and never goes beyond a ceiling.
func NewLearned(base Policy, c Ceiling) *Learned {
	return &Learned{
		base: base, ceiling: c,
		rules: map[string]bool{}, writes: map[string]bool{}, notes: map[Note]bool{},
		requests: map[string]bool{}, names: map[netip.Addr]string{}, buckets: map[string]bool{},
	}
}

// Grant returns the policy for runs to learn from: the base policy, with all of
// the network that the ceiling has, if it has any.
func (l *Learned) Grant() Policy {
	p := l.base
	if l.ceiling.Net != nil {
		p.Net = *l.ceiling.Net
	}
	return p
}

// Run learns from a call.
func (l *Learned) Run(r Run) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.runs++
	l.most.Fuel = max(l.most.Fuel, r.Fuel)
	l.most.Memory = max(l.most.Memory, r.Memory)
	l.most.Took = max(l.most.Took, r.Took)
	for name, c := range r.HostCalls {
		if l.most.HostCalls == nil {
			l.most.HostCalls = map[string]HostCall{}
		}
		before, ok := l.most.HostCalls[name]
		if ok || len(l.most.HostCalls) < maxLearned {
			l.most.HostCalls[name] = HostCall{PerCall: max(before.PerCall, c.PerCall), Bytes: max(before.Bytes, c.Bytes)}
		}
	}
}

// Denied learns from a denial. It is for the Audit of a [wasi.Config].
func (l *Learned) Denied(_ context.Context, d wasi.Denial) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch d.Capability {
	case "filesystem":
		l.file(d)
		return
	case "keyvalue":
		if name, ok := bucketOf(d); ok {
			l.bucket(name)
			return
		}
		l.note(Note{What: "keyvalue " + d.Operation, From: shown(d.Target), By: "the host"})
		return
	case "tcp", "udp", "dns", "http":
	default:
		l.note(Note{What: d.Capability + " " + d.Operation, From: shown(d.Target), By: "the host"})
		return
	}
	if d.Address != "" { // the rule is there; the name is of a private network
		l.private = l.private || d.Range == "private"
		if d.Range != "private" {
			l.note(Note{What: "net " + shown(d.Target), From: d.Range + " address", By: byPolicy})
		}
	}
	r, ok := ruleOf(d)
	if !ok {
		l.note(Note{What: "net " + d.Capability + " " + d.Operation, From: shown(d.Target), By: byPolicy})
		return
	}
	l.rule(r)
}

func (l *Learned) file(d wasi.Denial) {
	target, best := cleanPath(d.Target), ""
	for _, dir := range l.base.FS {
		guest := cleanPath(dir.Guest)
		if _, ok := below(target, guest); ok && len(guest) >= len(best) {
			best = guest
		}
	}
	if d.ReadOnly && best != "" {
		l.writes[best] = true
		return
	}
	l.note(Note{What: "fs", From: shown(d.Target), By: byPolicy})
}

func (l *Learned) note(n Note) {
	if len(l.notes) < maxLearned {
		l.notes[n] = true
	}
}

// rule learns a rule. Connections to an address whose name is known are to that.
func (l *Learned) rule(r wasi.Rule) {
	if a, err := netip.ParseAddr(r.Host); err == nil && r.Direction == wasi.Connect && l.names[a] != "" {
		r.Host = l.names[a]
	}
	if len(l.rules) < maxLearned {
		l.rules[r.String()] = true
	}
}

// Policy returns the smallest policy that would have done, and what no policy
// under the ceiling could have. Memory is rounded up to 64 KiB, fuel to two
// digits; the deadline is twice what was needed, as time differs from run to run.
// Without a run the limits are those of the base.
func (l *Learned) Policy() (Policy, []Note) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.base
	p.Net, p.KeyValue = Net{}, sorted(slices.Collect(maps.Keys(l.buckets)))
	p.FS = slices.Clone(p.FS)
	for i, d := range p.FS {
		if l.writes[cleanPath(d.Guest)] {
			p.FS[i].Mode = ReadWrite
		}
	}
	notes := slices.SortedFunc(maps.Keys(l.notes), func(a, b Note) int { return strings.Compare(a.String(), b.String()) })
	var rules []Rule
	for text := range l.rules {
		if r, err := wasi.ParseRule(text); err == nil {
			rules = append(rules, Rule{r})
		}
	}
	p.Net = Net{Allow: canonical(rules), ResolvePrivate: l.private}
	more := l.under(&p)
	if l.runs > 0 {
		p.Limits.Memory = (Size(l.most.Memory) + 64*KiB - 1) / (64 * KiB) * (64 * KiB)
		p.Limits.FuelPerCall = Count(roundUp(l.most.Fuel))
		p.Limits.Deadline = Duration(roundUp(uint64(2 * max(l.most.Took, 0))))
		p.HostCalls = maps.Clone(l.base.HostCalls)
		if p.HostCalls == nil && len(l.most.HostCalls) > 0 {
			p.HostCalls = map[string]HostCall{}
		}
		maps.Copy(p.HostCalls, l.most.HostCalls)
	}
	limits, cut := p.Limits.cut(l.ceiling.Limits, byCeiling)
	p.Limits, p.HostCalls = limits, andCalls(p.HostCalls, l.ceiling.HostCalls)
	return p, slices.Concat(notes, more, cut)
}

// under puts the files, the buckets and the network of a policy under the ceiling.
func (l *Learned) under(p *Policy) (all []Note) {
	if l.ceiling.FS != nil {
		for i, d := range p.FS {
			p.FS[i] = d.clean()
		}
		p.FS, all = cutDirs(sortDirs(p.FS), l.ceiling.FS, Dir.andHost, byCeiling)
	}
	if l.ceiling.KeyValue != nil {
		var notes []Note
		p.KeyValue, notes = andNames(p.KeyValue, l.ceiling.KeyValue, "keyvalue", byCeiling)
		all = append(all, notes...)
	}
	if l.ceiling.Net == nil {
		return all
	}
	most, left := l.ceiling.Net.rules(), []Rule(nil)
	for _, r := range p.Net.rules() {
		both := r.and(most)
		if len(both) == 0 {
			all = append(all, Note{What: "net", From: r.String(), By: byCeiling})
		}
		left = append(left, both...)
	}
	p.Net = Net{Allow: widest(left)}
	return all
}

// YAML returns a policy file with what was learned of a plugin, and what no file
// can grant it as comments.
func (l *Learned) YAML(plugin string) ([]byte, error) {
	p, notes := l.Policy()
	f := File{Version: Version, Ceiling: l.ceiling, Plugins: map[string]Policy{plugin: p}}
	if err := f.Check(); err != nil {
		return nil, err
	}
	text, err := f.YAML()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, n := range notes {
		fmt.Fprintf(&b, "# %s\n", n)
	}
	b.Write(text)
	return b.Bytes(), nil
}

// roundUp returns a number of two digits and zeros that is not less.
func roundUp(n uint64) uint64 {
	unit := uint64(1)
	for n/unit >= 100 {
		unit *= 10
	}
	rounded := (n + unit - 1) / unit * unit
	if rounded < n || rounded > 1<<63-1 {
		return 1<<63 - 1
	}
	return rounded
}
