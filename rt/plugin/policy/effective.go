package policy

import (
	"maps"
	"slices"
	"strings"

	"github.com/witgen/witgen/wit"
)

// Effective is what a plugin has in the end.
type Effective struct {
	World     string
	Limits    Limits
	Reuse     Reuse
	FS        []Dir  // by the guest's paths
	Net       []Rule // each says by itself what its names may be
	Env       Env
	KeyValue  []string // names of buckets, and beginnings of such that end in *
	Logging   Level
	Config    map[string]string
	HostCalls map[string]HostCall
	Lifecycle Lifecycle

	OnUnavailable Unavailable
	Canary        Canary
	Deny          Deny

	// Denied are the imports of the component that nothing is granted of.
	Denied []string
}

// Resolve returns what a component has of a policy, as [File.Plugin] returns it,
// under a ceiling, and what of the policy it has not. Policy and ceiling have to
// be right: see [File.Check].
//
// What is granted is never more than any of the three has: numbers are the least
// of them, directories, rules and variables are what is in all. A component has
// nothing that it does not import. What is nobody's bound stays unbounded, but
// for the deadline, which is 1 s then.
//
// Paths are compared as they are written: a symbolic link on the host leads where
// it leads.
func Resolve(r Request, grant Policy, c Ceiling) (Effective, []Note) {
	e := Effective{
		World: grant.World, Reuse: grant.Reuse, Config: maps.Clone(grant.Config), Lifecycle: grant.Lifecycle,
		OnUnavailable: grant.OnUnavailable, Canary: grant.Canary, Deny: grant.Deny,
	}
	e.Canary.Steps = slices.Clone(e.Canary.Steps)
	if e.Reuse == "" {
		e.Reuse = PerCall
	}
	if e.OnUnavailable == "" {
		e.OnUnavailable = Closed
	}
	if e.Deny == "" {
		e.Deny = Answer
	}
	var notes []Note
	note := func(more []Note) { notes = append(notes, more...) }
	note(e.resolveLimits(r, grant.Limits, c))
	note(e.resolveFiles(r, grant.FS, c))
	note(e.resolveNet(r, grant.Net, c))
	note(e.resolveEnv(r, grant.Env, c))
	note(e.resolveBuckets(r, grant.KeyValue, c))
	note(e.resolveLogging(r, grant.Logging, c))
	e.HostCalls = andCalls(grant.HostCalls, c.HostCalls)
	e.Denied = r.denied(&e)
	return e, notes
}

func (e *Effective) resolveLimits(r Request, l Limits, c Ceiling) []Note {
	var all, notes []Note
	if r.Manifest != nil {
		l, notes = l.cut(r.Manifest.Limits, byManifest)
		all = append(all, notes...)
	}
	l, notes = l.cut(c.Limits, byCeiling)
	all = append(all, notes...)
	l, notes = l.cut(Limits{PluginMemory: c.HostMemory}, byCeiling)
	all = append(all, notes...)
	if l.PluginMemory != 0 {
		l, notes = l.cut(Limits{Memory: l.PluginMemory}, "plugin_memory")
		all = append(all, notes...)
	}
	if l.Instances != 0 && l.MinIdle > l.Instances {
		l, notes = l.cut(Limits{MinIdle: l.Instances}, "instances")
		all = append(all, notes...)
	}
	if l.Deadline == 0 {
		l, notes = l.cut(Limits{Deadline: defaultDeadline}, "default")
		all = append(all, notes...)
	}
	e.Limits = l
	return all
}

func (e *Effective) resolveFiles(r Request, grant []Dir, c Ceiling) []Note {
	var dirs []Dir
	for _, d := range grant {
		dirs = append(dirs, d.clean())
	}
	dirs = sortDirs(dirs)
	if !r.wants(files) {
		var all []Note
		for _, d := range dirs {
			all = append(all, Note{What: "fs", From: d.String(), By: byRequest})
		}
		return all
	}
	var all, notes []Note
	if r.Manifest != nil {
		dirs, notes = cutDirs(dirs, r.Manifest.FS, Dir.andGuest, byManifest)
		all = append(all, notes...)
	}
	if c.FS != nil {
		dirs, notes = cutDirs(dirs, c.FS, Dir.andHost, byCeiling)
		all = append(all, notes...)
	}
	e.FS = dirs
	return all
}

func (e *Effective) resolveNet(r Request, grant Net, c Ceiling) []Note {
	all, rules := []Note(nil), grant.rules()
	cut := func(by string, and func(Rule) []Rule) {
		var left []Rule
		for _, rule := range rules {
			both := and(rule)
			left = append(left, both...)
			var texts []string
			for _, b := range both {
				texts = append(texts, b.String())
			}
			if to := strings.Join(texts, " "); to != rule.String() {
				all = append(all, Note{What: "net", From: rule.String(), To: to, By: by})
			}
		}
		rules = widest(left)
	}
	cut(byRequest, func(rule Rule) []Rule { return r.cutRules([]Rule{rule}) })
	if r.Manifest != nil {
		wanted := r.Manifest.Net.rules()
		cut(byManifest, func(rule Rule) []Rule { return rule.and(wanted) })
	}
	if c.Net != nil {
		most := c.Net.rules()
		cut(byCeiling, func(rule Rule) []Rule { return rule.and(most) })
	}
	e.Net = rules
	return all
}

func (e *Effective) resolveEnv(r Request, grant Env, c Ceiling) []Note {
	env, all := grant.and(Env{Allow: []string{"*"}}, byPolicy)
	var notes []Note
	if !r.wants("wasi:cli/environment") {
		_, all = env.and(Env{}, byRequest)
		return all
	}
	if r.Manifest != nil {
		env, notes = env.and(r.Manifest.Env, byManifest)
		all = append(all, notes...)
	}
	if c.Env != nil {
		env, notes = env.and(*c.Env, byCeiling)
		all = append(all, notes...)
	}
	e.Env = env
	return all
}

// andCalls returns the bounds of both.
func andCalls(a, b map[string]HostCall) map[string]HostCall {
	if len(a)+len(b) == 0 {
		return nil
	}
	both := maps.Clone(a)
	if both == nil {
		both = map[string]HostCall{}
	}
	for key, c := range b {
		h := both[key]
		least := Limits{HostCallsPerCall: h.PerCall, HostBytesPerCall: h.Bytes}.
			And(Limits{HostCallsPerCall: c.PerCall, HostBytesPerCall: c.Bytes})
		both[key] = HostCall{least.HostCallsPerCall, least.HostBytesPerCall, h.Deny || c.Deny}
	}
	return both
}

// Policy returns the policy that grants just this.
func (e Effective) Policy() Policy {
	return Policy{
		World: e.World, Limits: e.Limits, Reuse: e.Reuse, FS: slices.Clone(e.FS), Net: Net{Allow: slices.Clone(e.Net)},
		Env:      Env{Allow: slices.Clone(e.Env.Allow), Set: maps.Clone(e.Env.Set)},
		KeyValue: slices.Clone(e.KeyValue), Logging: e.Logging,
		Config: maps.Clone(e.Config), HostCalls: maps.Clone(e.HostCalls), Lifecycle: e.Lifecycle,
		OnUnavailable: e.OnUnavailable, Canary: e.Canary, Deny: e.Deny,
	}
}

// Frozen returns the rights with the values that variables of an environment, as
// [os.Environ] returns it, have now. What changes there later changes nothing.
func (e Effective) Frozen(environ []string) Effective {
	e.Env = e.Env.frozen(environ)
	return e
}

// Keys returns the keys of HostCalls that bound calls of a function of an
// interface, whose name may have a version: the bounds of each hold.
func (e Effective) Keys(iface, function string) (all []string) {
	for key := range e.HostCalls {
		if bounds(key, iface, function) {
			all = append(all, key)
		}
	}
	slices.Sort(all)
	return all
}

// denies returns the key of HostCalls by which a whole interface is denied.
func (e Effective) denies(iface string) (key string, ok bool) {
	for _, key := range e.Keys(iface, "") {
		if e.HostCalls[key].Deny {
			return key, true
		}
	}
	return "", false
}

// bounds reports whether a key of HostCalls is one of calls of a function of an
// interface, or of the interface, if the function is empty.
func bounds(key, iface, function string) bool {
	plain, _, versioned := strings.Cut(iface, "@")
	rest, ok := strings.CutPrefix(key, plain)
	switch {
	case !ok:
		return false
	case rest == "" || rest == "."+function || key == iface || key == iface+"."+function:
		return true
	case !versioned || !strings.HasPrefix(rest, "@"):
		return false
	}
	// Another version of its track: the host has that, or will, and what was denied of
	// one is no less denied of the next.
	version := strings.TrimSuffix(rest[:len(rest)-len(strings.TrimLeft(rest, "@.0123456789"))], ".")
	member := rest[len(version):]
	return (member == "" || member == "."+function) && wit.InTrack(plain+version) == wit.InTrack(iface)
}
