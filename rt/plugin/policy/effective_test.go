package policy_test

import (
	"bytes"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin/policy"
	"github.com/witgen/witgen/rt/wasi"
)

// everything imports all of WASI that something is granted of.
var everything = policy.Request{Imports: []string{
	"wasi:filesystem/types@0.2.0", "wasi:sockets/tcp@0.2.0", "wasi:sockets/udp@0.2.0", "wasi:sockets/ip-name-lookup@0.2.0",
	"wasi:http/outgoing-handler@0.2.0", "wasi:cli/environment@0.2.0",
}}

func resolve(t *testing.T, r policy.Request, text string) (policy.Effective, []string) {
	t.Helper()
	f := parse(t, "version: 1\n"+text)
	e, notes := policy.Resolve(r, f.Plugin("p"), f.Ceiling)
	var texts []string
	for _, n := range notes {
		texts = append(texts, n.String())
	}
	return e, texts
}

func rulesOf(e policy.Effective) string {
	var all []string
	for _, r := range e.Net {
		all = append(all, r.String())
	}
	return strings.Join(all, " ")
}

func dirsOf(e policy.Effective) string {
	var all []string
	for _, d := range e.FS {
		all = append(all, d.String())
	}
	return strings.Join(all, "; ")
}

func TestResolve(t *testing.T) {
	none := policy.Request{}
	manifest := everything
	manifest.Manifest = &policy.Manifest{
		Limits: policy.Limits{Memory: 8 * policy.MiB},
		FS:     []policy.Dir{{Guest: "/data/in"}},
		Net:    policy.Net{Allow: []policy.Rule{{Rule: wasi.Rule{Protocol: wasi.HTTPS, Host: "*.example.com"}}}},
		Env:    policy.Env{Allow: []string{"LANG"}},
	}
	const all = "plugins: {p: {fs: [{host: /srv, guest: /data, mode: rw, quota: 10MiB}], net: {allow: ['https://api.example.com', 'tcp:db:1']}, env: {allow: ['L*'], set: {A: b}}}}\n"
	for _, c := range []struct {
		name, text string
		request    policy.Request
		dirs, net  string
		notes      []string
	}{
		{"as granted", all, everything, "/srv rw, quota 10 MiB, at /data", "https:api.example.com:443 tcp:db:1", nil},
		{"nothing imported", all, none, "", "", []string{
			"fs /srv rw, quota 10 MiB, at /data denied by the request", "net https:api.example.com:443 denied by the request",
			"net tcp:db:1 denied by the request", "env L* denied by the request", "env A denied by the request"}},
		{"names alone", all, policy.Request{Imports: []string{"wasi:sockets/ip-name-lookup@0.2.1"}}, "", "dns:db", []string{
			"net tcp:db:1 -> dns:db by the request"}},
		{"a manifest", all, manifest, "/srv/in ro, at /data/in", "https:api.example.com:443", []string{
			"memory 32 MiB -> 8 MiB by the manifest", "fs /srv rw, quota 10 MiB, at /data -> /srv/in ro, at /data/in by the manifest",
			"net tcp:db:1 denied by the manifest", "env L* -> LANG by the manifest", "env A denied by the manifest"}},
		{"a ceiling", all + "ceiling: {memory: 16MiB, fs: [{host: /srv/a}, {host: /srv/b, mode: rw}], net: {allow: ['https:*:*']}}", everything,
			"/srv/a ro, at /data/a; /srv/b rw, quota 10 MiB, at /data/b", "https:api.example.com:443", []string{
				"memory 32 MiB -> 16 MiB by the ceiling",
				"fs /srv rw, quota 10 MiB, at /data -> /srv/a ro, at /data/a; /srv/b rw, quota 10 MiB, at /data/b by the ceiling",
				"net tcp:db:1 denied by the ceiling"}},
		{"a shared quota", all + "ceiling: {fs: [{host: /srv/a, mode: rw}, {host: /srv/b, mode: rw, quota: 3MiB}]}", everything,
			"/srv/a rw, quota 5 MiB, at /data/a; /srv/b rw, quota 3 MiB, at /data/b", "https:api.example.com:443 tcp:db:1", nil},
		{"an empty ceiling", all + "ceiling: {fs: [], net: {}, env: {}}", everything, "", "", []string{
			"env A denied by the ceiling", "env L* denied by the ceiling"}},
		{"a neighbour", all + "ceiling: {fs: [{host: /srv2}, {host: /sr}]}", everything, "", "https:api.example.com:443 tcp:db:1", nil},
		{"unknown", "plugins: {q: {fs: [{host: /srv, guest: /data}]}}", everything, "", "", nil},
		{"private", "plugins: {p: {net: {allow: ['tcp:db:1', 'tcp:*:2'], resolve_private: true}}}\nceiling: {net: {allow: ['tcp:*:1,peers=10.0.0.0/8', 'tcp:*:2']}}",
			everything, "", "tcp:*:2 tcp:db:1,peers=10.0.0.0/8", nil},
		{"the same twice", "plugins: {p: {net: {allow: ['tcp:DB.:1', 'tcp:db:1-2', 'dns:db']}}}", everything, "", "tcp:db:1-2", nil},
	} {
		e, notes := resolve(t, c.request, c.text)
		if got := dirsOf(e); got != c.dirs {
			t.Errorf("%s: directories %q, want %q", c.name, got, c.dirs)
		}
		if got := rulesOf(e); got != c.net {
			t.Errorf("%s: rules %q, want %q", c.name, got, c.net)
		}
		for _, want := range c.notes {
			if !slices.Contains(notes, want) {
				t.Errorf("%s: no note %q in\n%s", c.name, want, strings.Join(notes, "\n"))
			}
		}
	}
}

func TestResolveRest(t *testing.T) {
	request := policy.RequestOf([]rt.Extern{{Name: "wasi:filesystem/types@0.2.3"}, {Name: "wasi:sockets/tcp-create-socket@0.2.3"},
		{Name: "wasi:cli/environment@0.2.3"}, {Name: "store", Implements: "acme:kv/store@0.2.6"}, {Name: "acme:log/log"}})
	e, notes := resolve(t, request, "plugins: {p: {host_calls: {'acme:kv/store': {deny: true}, 'acme:kv/store.get': {per_call: 9}}, limits: {instances: 2, memory: 1GiB}}}\n"+
		"ceiling: {plugin_memory: 64MiB, host_calls: {'acme:kv/store.get': {per_call: 5, bytes: 1KiB}}}")
	if got, want := e.Denied, []string{"wasi:filesystem/types@0.2.3", "wasi:sockets/tcp-create-socket@0.2.3", "acme:kv/store@0.2.6"}; !slices.Equal(got, want) {
		t.Errorf("denied: got %q, want %q", got, want)
	}
	if got, want := e.HostCalls["acme:kv/store.get"], (policy.HostCall{PerCall: 5, Bytes: policy.KiB}); got != want {
		t.Errorf("host call: got %v, want %v", got, want)
	}
	if got, want := e.Keys("acme:kv/store@0.2.6", "get"), []string{"acme:kv/store", "acme:kv/store.get"}; !slices.Equal(got, want) {
		t.Errorf("keys: got %q, want %q", got, want)
	}
	e.HostCalls = map[string]policy.HostCall{}
	for _, key := range strings.Fields("a:b/c a:b/c.f a:b/c.g a:b/cd a:b/c@0.2.0 a:b/c@0.2.0.f a:b/c@0.2.0.g a:b/c@0.2 a:b/c@0.1.0 a:b/c@0.0.1 a:b/c@0.2.0-rc.1 a:b/c@0.2.0-rc.1.f") {
		e.HostCalls[key] = policy.HostCall{PerCall: 1}
	}
	for _, c := range []struct{ iface, want string }{
		{"a:b/c", "a:b/c a:b/c.f"},
		{"a:b/c@0.2.0", "a:b/c a:b/c.f a:b/c@0.2 a:b/c@0.2.0 a:b/c@0.2.0.f"},
		{"a:b/c@0.2.7+b", "a:b/c a:b/c.f a:b/c@0.2 a:b/c@0.2.0 a:b/c@0.2.0.f"}, // as that of the host was when somebody wrote it
		{"a:b/c@0.1.9", "a:b/c a:b/c.f a:b/c@0.1.0"},
		{"a:b/c@0.0.1", "a:b/c a:b/c.f a:b/c@0.0.1"},
		{"a:b/c@0.0.2", "a:b/c a:b/c.f"},
		{"a:b/c@0.2.0-rc.1", "a:b/c a:b/c.f a:b/c@0.2.0-rc.1 a:b/c@0.2.0-rc.1.f"},
		{"a:b/c@1.0.0", "a:b/c a:b/c.f"},
		{"a:b/d@0.2.0", ""},
	} {
		if got := strings.Join(e.Keys(c.iface, "f"), " "); got != c.want {
			t.Errorf("%s: got %s, want %s", c.iface, got, c.want)
		}
	}
	later := policy.Policy{HostCalls: map[string]policy.HostCall{"acme:kv/store@0.2.0": {Deny: true}}}
	for name, want := range map[string]bool{"acme:kv/store@0.2.0": true, "acme:kv/store@0.2.6": true, "acme:kv/store@0.3.0": false} {
		if e, _ := policy.Resolve(policy.Request{Imports: []string{name}}, later, policy.Ceiling{}); slices.Contains(e.Denied, name) != want {
			t.Errorf("%s is denied: %t, want %t", name, !want, want)
		}
	}
	if e.Limits.Memory != 64*policy.MiB || !slices.Contains(notes, "memory 1 GiB -> 64 MiB by plugin_memory") {
		t.Errorf("memory %v, notes %q", e.Limits.Memory, notes)
	}
	if e, _ := policy.Resolve(policy.Request{}, policy.Policy{}, policy.Ceiling{}); time.Duration(e.Limits.Deadline) != time.Second {
		t.Errorf("nobody said a deadline, and it is %v", e.Limits.Deadline)
	}
	if got, want := e.Limits.RT().Memory, int64(64<<20); got != want {
		t.Errorf("memory for rt: got %d, want %d", got, want)
	}
}

// TestLimitsRT has every limit that rt has come from one of a policy.
func TestLimitsRT(t *testing.T) {
	var l policy.Limits
	v := reflect.ValueOf(&l).Elem()
	for i := range v.NumField() {
		v.Field(i).SetInt(int64(i + 1))
	}
	seen := map[int64]bool{}
	for f, v := range reflect.ValueOf(l.RT()).Fields() {
		if f.Name == "Budget" {
			continue
		}
		n := v.Interface()
		value := reflect.ValueOf(n).Convert(reflect.TypeFor[int64]()).Int()
		if value == 0 || seen[value] {
			t.Errorf("%s is %d", f.Name, value)
		}
		seen[value] = true
	}
}

func TestWASI(t *testing.T) {
	e, _ := resolve(t, everything, `plugins: {p: {fs: [{host: "${state}/p", guest: /state, mode: rw, quota: 1MiB}, {host: /srv, guest: /data}],
    net: {allow: [dns:*]}, env: {allow: [LANG, MODE], set: {MODE: prod}}, limits: {open_files: 7, sockets: 8, requests: 9}}}`)
	if _, err := e.WASI("p", "/var"); err == nil {
		t.Error("an environment that is not frozen is none to give")
	}
	e = e.Frozen([]string{"LANG=de", "MODE=test", "SECRET=1", "=x"})
	if _, err := e.WASI("p", ""); err == nil {
		t.Error("there is no directory for state, and no error")
	}
	state := t.TempDir()
	c, err := e.WASI("p", state)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"LANG=de", "MODE=prod"}; !slices.Equal(c.Env, want) {
		t.Errorf("environment %q, want %q", c.Env, want)
	}
	want := []wasi.Dir{{Host: filepath.FromSlash("/srv"), Guest: "/data"}, {Host: filepath.Join(state, "p"), Guest: "/state", Write: true, Quota: 1 << 20}}
	if !reflect.DeepEqual(c.Dirs, want) {
		t.Errorf("directories %+v, want %+v", c.Dirs, want)
	}
	if c.Stdin != nil || c.OpenFiles != 7 || c.Network.MaxSockets != 8 || c.HTTP.MaxRequests != 9 || len(c.Network.Rules) != 1 {
		t.Errorf("got %+v", c)
	}
}

func TestCanonical(t *testing.T) {
	canonical := func(text string, environ ...string) []byte {
		e, _ := resolve(t, everything, text)
		return e.Frozen(environ).Canonical()
	}
	first := canonical("plugins: {p: {reuse: per-call, fs: [{host: /a/, guest: /x}, {host: /b, guest: /y, mode: rw}], net: {allow: ['https://Example.com', 'tcp:a:1', 'tcp:a:1-2']}, env: {allow: [A, B]}, config: {a: b, c: d}}}", "A=1")
	same := canonical("plugins: {p: {preset: restricted, limits: {memory: 32768KiB}, fs: [{guest: /y, host: /./b/., mode: rw}, {mode: ro, host: /a, guest: /x/}], net: {allow: ['tcp:a:1-2', 'https:example.com:443']}, env: {set: {A: '1'}}, config: {c: d, a: b}, canary: {steps: [1]}}}", "C=2")
	if !bytes.Equal(first, same) {
		t.Errorf("got  %s\nwant %s", same, first)
	}
	for name, other := range map[string][]byte{
		"environment": canonical("plugins: {p: {env: {allow: [A]}}}", "A=1"),
		"value":       canonical("plugins: {p: {env: {allow: [A]}}}", "A=2"),
		"no text":     canonical("plugins: {p: {env: {allow: [A]}}}", "A=\xff"),
		"other":       canonical("plugins: {p: {env: {allow: [A]}}}", "A=\xfe"),
		"replaced":    canonical("plugins: {p: {env: {allow: [A]}}}", "A=\ufffd"),
		"escaped":     canonical("plugins: {p: {env: {allow: [A]}}}", "A=hex:ff"),
		"config":      canonical("plugins: {p: {config: {A: '1'}}}"),
		"limits":      canonical("plugins: {p: {limits: {memory: 1MiB}}}"),
		"host path":   canonical("plugins: {p: {fs: [{host: /a, guest: /x}]}}"),
		"other path":  canonical("plugins: {p: {fs: [{host: /b, guest: /x}]}}"),
	} {
		for name2, other2 := range map[string][]byte{"nothing": canonical(""), "first": first,
			"1": canonical("plugins: {p: {env: {allow: [A]}}}", "A=1"), "ff": canonical("plugins: {p: {env: {allow: [A]}}}", "A=\xff"),
			"a": canonical("plugins: {p: {fs: [{host: /a, guest: /x}]}}")} {
			if bytes.Equal(other, other2) && !(name == "environment" && name2 == "1" || name == "no text" && name2 == "ff" || name == "host path" && name2 == "a") {
				t.Errorf("%s and %s are the same: %s", name, name2, other)
			}
		}
	}
}

// A side is one of the three that a right needs.
type side struct {
	limits policy.Limits
	dirs   []policy.Dir
	net    policy.Net
	env    policy.Env
}

func randomSide(random *rand.Rand) (s side) {
	l := []policy.Size{0, 0, policy.MiB, 2 * policy.MiB, 3 * policy.MiB}
	s.limits = policy.Limits{Memory: l[random.IntN(5)], Deadline: policy.Duration(l[random.IntN(5)]), Instances: policy.Count(random.IntN(4))}
	paths := []string{"/", "/a", "/a/b", "/a/b/c", "/ab", "/b", "${state}", "${state}/a", "C:/x"}
	for i := range random.IntN(4) {
		d := policy.Dir{Host: paths[random.IntN(len(paths))], Guest: []string{"/g", "/h", "/g/b", "/"}[i], Quota: policy.Size(random.IntN(2) * 10 * random.IntN(5))}
		if random.IntN(2) == 0 {
			d.Mode = policy.ReadWrite
		}
		s.dirs = append(s.dirs, d)
	}
	rules := []string{"tcp:*:*", "tcp:a.example.com:80", "tcp:*.example.com:80-443", "udp:10.0.0.0/8:53", "send:udp:10.1.0.0/16:*",
		"https:*", "https://a.example.com:443", "http:localhost:*", "dns:*", "dns:a.example.com", "listen:tcp:*:80", "listen:tcp:127.0.0.1:*"}
	for range random.IntN(5) {
		r, err := policy.ParseRule(rules[random.IntN(len(rules))])
		if err != nil {
			panic(err)
		}
		s.net.Allow = append(s.net.Allow, r)
	}
	s.net.ResolvePrivate = random.IntN(3) == 0
	for _, name := range []string{"A", "AB", "A*", "B", "*"} {
		if random.IntN(3) == 0 {
			s.env.Allow = append(s.env.Allow, name)
		}
	}
	return s
}

func (s side) grant() policy.Policy {
	return policy.Policy{Limits: s.limits, FS: s.dirs, Net: s.net, Env: s.env}
}

func (s side) ceiling() policy.Ceiling {
	dirs := slices.Clone(s.dirs)
	for i := range dirs {
		dirs[i].Guest = ""
	}
	if dirs == nil {
		dirs = []policy.Dir{}
	}
	return policy.Ceiling{Limits: s.limits, FS: dirs, Net: &s.net, Env: &s.env}
}

// may returns the right to a path of the host: 0 for none, 1 to read, 2 to write.
func may(dirs []policy.Dir, path string) (right int) {
	for _, d := range dirs {
		dir := strings.TrimSuffix(d.Host, "/")
		if path == dir || strings.HasPrefix(path, dir+"/") {
			right = max(right, 1)
			if d.Mode == policy.ReadWrite {
				right = 2
			}
		}
	}
	return right
}

// room returns how many bytes may be written below a directory's path; -1 for any
// number.
func room(dirs []policy.Dir, of policy.Dir) (sum policy.Size) {
	for _, d := range dirs {
		dir := strings.TrimSuffix(of.Host, "/")
		if d.Mode == policy.ReadWrite && (d.Host == dir || strings.HasPrefix(d.Host, dir+"/")) {
			if d.Quota == 0 {
				return -1
			}
			sum += d.Quota
		}
	}
	return sum
}

func TestResolveGrantsNoMore(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	probes := []string{"/", "/a", "/a/b", "/a/b/c", "/a/b/c/d", "/ab", "/abc", "/b", "/c", "${state}", "${state}/a", "${state}/b", "C:/x", "C:/x/y"}
	for n := range 600 {
		a, b := randomSide(random), randomSide(random)
		grant, ceiling := a.grant(), b.ceiling()
		e, _ := policy.Resolve(everything, grant, ceiling)

		for _, path := range probes {
			if got, want := may(e.FS, path), min(may(a.dirs, path), may(b.dirs, path)); got != want {
				t.Fatalf("%d: %s: got %d, want %d\ngrant %v\nceiling %v\ngot %v", n, path, got, want, a.dirs, b.dirs, e.FS)
			}
		}
		if len(b.dirs) == 1 && b.dirs[0].Quota != 0 && b.dirs[0].Mode == policy.ReadWrite {
			if got := room(e.FS, b.dirs[0]); got < 0 || got > b.dirs[0].Quota {
				t.Fatalf("%d: the ceiling has %v, granted is %d in %v", n, b.dirs, got, e.FS)
			}
		}
		if len(a.dirs) == 1 && a.dirs[0].Quota != 0 && a.dirs[0].Mode == policy.ReadWrite {
			if got := room(e.FS, a.dirs[0]); got < 0 || got > a.dirs[0].Quota {
				t.Fatalf("%d: the policy has %v, granted is %d in %v", n, a.dirs, got, e.FS)
			}
		}
		if a.limits.And(b.limits) != b.limits.And(a.limits) || a.limits.And(a.limits) != a.limits {
			t.Fatalf("%d: limits %v and %v", n, a.limits, b.limits)
		}
		for _, l := range []policy.Limits{a.limits, b.limits} {
			if l.Memory != 0 && e.Limits.Memory > l.Memory || l.Instances != 0 && e.Limits.Instances > l.Instances {
				t.Fatalf("%d: limits %v of %v", n, e.Limits, l)
			}
		}
		for _, name := range []string{"A", "AB", "ABC", "B", "C"} {
			environ := []string{name + "=1"}
			of := func(e policy.Env) bool {
				e2, _ := policy.Resolve(everything, policy.Policy{Env: e}, policy.Ceiling{})
				return len(e2.Frozen(environ).Env.Set) > 0
			}
			if got, want := len(e.Frozen(environ).Env.Set) > 0, of(a.env) && of(b.env); got != want {
				t.Fatalf("%d: variable %s: got %v, want %v", n, name, got, want)
			}
		}

		// The other way round the network is the same.
		turned, _ := policy.Resolve(everything, b.grant(), a.ceiling())
		if rulesOf(e) != rulesOf(turned) {
			t.Fatalf("%d: got %s, the other way round %s", n, rulesOf(e), rulesOf(turned))
		}
		// Each rule is within what each side has: cutting it by that changes nothing.
		for _, s := range []side{a, b} {
			again, _ := policy.Resolve(everything, policy.Policy{Net: policy.Net{Allow: e.Net}}, policy.Ceiling{Net: &s.net})
			if rulesOf(again) != rulesOf(e) {
				t.Fatalf("%d: got %s, of which %s is within %v", n, rulesOf(e), rulesOf(again), s.net)
			}
		}

		// What was resolved resolves to itself.
		again, _ := policy.Resolve(everything, e.Policy(), ceiling)
		if got, want := again.Canonical(), e.Canonical(); !bytes.Equal(got, want) {
			t.Fatalf("%d: resolved again: got\n%s\nwant\n%s", n, got, want)
		}
		// The order of lists says nothing.
		slices.Reverse(grant.FS)
		slices.Reverse(grant.Net.Allow)
		slices.Reverse(grant.Env.Allow)
		slices.Reverse(ceiling.FS)
		again, _ = policy.Resolve(everything, grant, ceiling)
		if got, want := again.Canonical(), e.Canonical(); !bytes.Equal(got, want) {
			t.Fatalf("%d: in another order: got\n%s\nwant\n%s", n, got, want)
		}
	}
}

// TestManifestGrantsNoMore does by the guest's paths what a ceiling does by those
// of the host.
func TestManifestGrantsNoMore(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	byGuest := func(dirs []policy.Dir) (all []policy.Dir) {
		for _, d := range dirs {
			all = append(all, policy.Dir{Host: d.Guest, Mode: d.Mode})
		}
		return all
	}
	for n := range 400 {
		a, b := randomSide(random), randomSide(random)
		request := everything
		request.Manifest = &policy.Manifest{Limits: b.limits, FS: b.dirs, Net: b.net, Env: b.env}
		e, _ := policy.Resolve(request, a.grant(), policy.Ceiling{})
		for _, path := range []string{"/", "/g", "/g/b", "/g/b/c", "/h", "/h/x", "/x"} {
			got := may(byGuest(e.FS), path)
			if want := min(may(byGuest(a.dirs), path), may(byGuest(b.dirs), path)); got != want {
				t.Fatalf("%d: %s: got %d, want %d\ngrant %v\nmanifest %v\ngot %v", n, path, got, want, a.dirs, b.dirs, e.FS)
			}
		}
		if again, _ := policy.Resolve(request, e.Policy(), policy.Ceiling{}); !bytes.Equal(again.Canonical(), e.Canonical()) {
			t.Fatalf("%d: resolved again: got\n%s\nwant\n%s", n, again.Canonical(), e.Canonical())
		}
	}
}
