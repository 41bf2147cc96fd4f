package policy

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/witgen/witgen/rt/internal/near"
	"github.com/witgen/witgen/rt/plugin/policy/internal/yamltext"
)

// Bounds of what a file may have, so that working with it takes no time.
const (
	maxPlugins = 4096
	maxList    = 256 // of directories, rules or names in one list
	maxSlower  = 1000
)

var (
	pluginName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)
	digestText = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	worldName  = regexp.MustCompile(`^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*/[a-zA-Z][a-zA-Z0-9-]*(@[0-9][0-9A-Za-z.+-]*)?$`)
	// A function's name is after the last dot that a version cannot have.
	callName = regexp.MustCompile(`^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*/[a-zA-Z][a-zA-Z0-9-]*(@[0-9]+(\.[0-9]+)*([-+][0-9A-Za-z.+-]*[0-9A-Za-z])?)?(\.(\[[a-z]+\])?[a-zA-Z][a-zA-Z0-9.-]*)?$`)
	funcName = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9-]*$`)
)

// Check returns what is wrong with a file that was made in Go, [Errors], or nil.
// Parse has done so.
func (f *File) Check() error {
	var all Errors
	for _, p := range f.problems() {
		all = append(all, &Error{Message: p.message})
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// problem is something wrong with a value.
type problem struct{ path, message string }

// checker collects problems.
type checker struct {
	file     *File
	problems []problem
}

func (c *checker) add(at, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if at != "" {
		message = at + ": " + message
	}
	c.problems = append(c.problems, problem{at, message})
}

func (f *File) problems() []problem {
	c := &checker{file: f}
	if f.Version != Version {
		c.add("version", "write version: %d, of which this is", Version)
	}
	c.ceiling("ceiling", f.Ceiling)
	c.preset("defaults.preset", f.Defaults.Preset)
	if len(f.Plugins) > maxPlugins {
		c.add("plugins", "there are %d, more than %d", len(f.Plugins), maxPlugins)
		return c.problems
	}
	for _, name := range f.Names() {
		at := yamltext.Key("plugins", name)
		if !pluginName.MatchString(name) {
			c.add(at, "a name has letters, digits, dots, hyphens and underscores, 128 at most")
		}
		c.policy(at, f.Plugins[name])
	}
	return c.problems
}

func (c *checker) ceiling(at string, l Ceiling) {
	c.limits(at, &l.Limits)
	c.positive(at+".host_memory", l.HostMemory)
	c.dirs(at+".fs", l.FS, false)
	if l.Net != nil {
		c.net(at+".net", *l.Net)
	}
	if l.Env != nil {
		if len(l.Env.Set) > 0 {
			c.add(at+".env.set", "a ceiling gives nothing: it has allow alone")
		}
		c.env(at+".env", *l.Env)
	}
	c.buckets(at+".keyvalue", l.KeyValue)
	oneOf(c, at+".logging", l.Logging, levels[1:]...)
	c.hostCalls(at+".host_calls", l.HostCalls)
}

func (c *checker) policy(at string, p Policy) {
	c.preset(at+".preset", p.Preset)
	if p.Source.Digest != "" && !digestText.MatchString(p.Source.Digest) {
		c.add(at+".source.digest", "want sha256: and 64 hexadecimal digits")
	}
	if p.World != "" && !worldName.MatchString(p.World) {
		c.add(at+".world", "%s is no world: write one as in acme:greeter/greeter@0.2.0", quote(p.World))
	}
	c.limits(at+".limits", &p.Limits)
	c.dirs(at+".fs", p.FS, true)
	c.net(at+".net", p.Net)
	c.env(at+".env", p.Env)
	c.buckets(at+".keyvalue", p.KeyValue)
	oneOf(c, at+".logging", p.Logging, levels[1:]...)
	c.hostCalls(at+".host_calls", p.HostCalls)
	oneOf(c, at+".reuse", p.Reuse, PerCall, Pooled, Single)
	oneOf(c, at+".on_unavailable", p.OnUnavailable, Closed, Open, Fallback)
	oneOf(c, at+".deny", p.Deny, Answer, Refuse, Trap)
	l := p.Lifecycle
	for _, f := range [][2]string{{"init", l.Init}, {"stop", l.Stop}, {"metadata", l.Metadata}, {"health", l.Health}} {
		if f[1] != "" && !funcName.MatchString(f[1]) {
			c.add(at+".lifecycle."+f[0], "%s is no name of a function", quote(f[1]))
		}
	}
	c.positive(at+".lifecycle.stop_deadline", Size(l.StopDeadline))
	c.canary(at+".canary", p.Canary)
}

func (c *checker) preset(at, name string) {
	if _, ok := profiles[name]; !ok && name != "" {
		c.unknown(at, name, slices.Sorted(maps.Keys(profiles)))
	}
}

func (c *checker) unknown(at, got string, known []string) {
	hint := "write " + strings.Join(known, " or ")
	if meant := near.Name(got, known); meant != "" {
		hint = "did you mean " + meant + "?"
	}
	c.add(at, "%s is none; %s", quote(got), hint)
}

func oneOf[T ~string](c *checker, at string, got T, known ...T) {
	if got == "" && !c.file.said(at) || slices.Contains(known, got) {
		return
	}
	var names []string
	for _, k := range known {
		names = append(names, string(k))
	}
	c.unknown(at, string(got), names)
}

// said reports whether the file that was read has a key.
func (f *File) said(at string) bool { return f.document != nil && f.document.Has(at) }

// positive checks a number that says nothing if it is 0.
func (c *checker) positive(at string, n Size) {
	switch {
	case n < 0:
		c.add(at, "it is below 0")
	case n == 0 && c.file.said(at):
		c.add(at, "0 says nothing: leave it out")
	}
}

func (c *checker) limits(at string, l *Limits) {
	for n := range l.numbers() {
		c.positive(at+"."+n.name, Size(n.value.Int()))
	}
	if l.Instances != 0 && l.MinIdle > l.Instances {
		c.add(at+".min_idle", "%s of %s instances", l.MinIdle, l.Instances)
	}
}

// dirs checks directories, which guests have a path for if they are granted.
func (c *checker) dirs(at string, dirs []Dir, granted bool) {
	if len(dirs) > maxList {
		c.add(at, "there are %d, more than %d", len(dirs), maxList)
		return
	}
	guests := map[string]bool{}
	for i, d := range dirs {
		at := yamltext.Index(at, i)
		c.host(at+".host", d.Host)
		switch guest := cleanPath(d.Guest); {
		case !granted && guest != "":
			c.add(at+".guest", "a ceiling is for paths of the host: leave it out")
		case granted && guest == "":
			c.add(at, "no guest: write the path that the plugin has for it, as in guest: /data")
		case hasDots(d.Guest) || strings.ContainsRune(d.Guest, 0):
			c.add(at+".guest", "%s: write it without ..", quote(d.Guest))
		case guests[guest] && granted:
			c.add(at+".guest", "%s is another directory's already", quote(d.Guest))
		default:
			guests[guest] = true
		}
		oneOf(c, at+".mode", d.Mode, ReadOnly, ReadWrite)
		c.positive(at+".quota", d.Quota)
		if d.Quota > 0 && d.Mode != ReadWrite {
			c.add(at+".quota", "nothing is written here: a quota is for mode: rw")
		}
	}
}

func (c *checker) host(at, host string) {
	rest, state := below(host, stateRoot)
	switch {
	case host == "":
		c.add(strings.TrimSuffix(at, ".host"), "no host: write the path of the directory")
	case strings.ContainsRune(host, 0):
		c.add(at, "%s is no path", quote(host))
	case strings.Contains(rest, "${") || !state && strings.Contains(host, "${"):
		c.add(at, "%s: only ${state}, and that at the beginning, stands for something", quote(host))
	case hasDots(host):
		c.add(at, "%s: write it without ..", quote(host))
	case !state && !drive(host) && (!strings.HasPrefix(host, "/") || strings.HasPrefix(host, "//")):
		c.add(at, "%s is not absolute: write it from the root, or below ${state}", quote(host))
	}
}

// hasDots reports whether a path has a part that leads out again.
func hasDots(p string) bool {
	if drive(p) {
		p = strings.ReplaceAll(p, `\`, "/")
	}
	return slices.Contains(strings.Split(p, "/"), "..") || path.Clean(p) == ".."
}

func (c *checker) net(at string, n Net) {
	if len(n.Allow) > maxList {
		c.add(at+".allow", "there are %d, more than %d", len(n.Allow), maxList)
		return
	}
	for i, r := range n.Allow {
		if _, err := ParseRule(r.String()); err != nil {
			c.add(yamltext.Index(at+".allow", i), "%v", err)
		}
	}
}

func (c *checker) env(at string, e Env) {
	if len(e.Allow) > maxList || len(e.Set) > maxList {
		c.add(at, "there are more than %d", maxList)
		return
	}
	for i, name := range e.Allow {
		if front := strings.TrimSuffix(name, "*"); name == "" || strings.ContainsAny(front, "=*\x00") {
			c.add(yamltext.Index(at+".allow", i), "%s is no name of a variable, nor one that ends in *", quote(name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Set)) {
		if name == "" || strings.ContainsAny(name, "=\x00") || strings.ContainsRune(e.Set[name], 0) {
			c.add(yamltext.Key(at+".set", name), "%s is no variable that there can be", quote(name))
		}
	}
}

func (c *checker) hostCalls(at string, calls map[string]HostCall) {
	for _, key := range slices.Sorted(maps.Keys(calls)) {
		h, at := calls[key], yamltext.Key(at, key)
		if !callName.MatchString(key) {
			c.add(at, "no interface or function: write one as in acme:kv/store.get")
		}
		c.positive(at+".per_call", Size(h.PerCall))
		c.positive(at+".bytes", h.Bytes)
		if h.Deny && (h.PerCall != 0 || h.Bytes != 0) {
			c.add(at, "what is denied has no bounds")
		}
	}
}

func (c *checker) canary(at string, n Canary) {
	before := 0.0
	for i, s := range n.Steps {
		if !(s > before && s <= 1) { // NaN is neither
			c.add(yamltext.Index(at+".steps", i), "%v: steps are above 0, each above the one before it, and 1 at most", s)
			break
		}
		before = s
	}
	c.positive(at+".min_samples", Size(n.MinSamples))
	c.positive(at+".window", Size(n.Window))
	c.positive(at+".windows", Size(n.Windows))
	if slower := at + ".slower"; n.Slower != 0 && !(n.Slower >= 1 && n.Slower <= maxSlower) || n.Slower == 0 && c.file.said(slower) {
		c.add(slower, "%v is not from 1 to %d: it is a factor", n.Slower, maxSlower)
	}
}
