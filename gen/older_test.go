package gen_test

import (
	"fmt"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

// versionOf returns a world of a version, some of which has another type than that of
// the version with the number before it.
func versionOf(t *testing.T, version string, n int) *wit.World {
	t.Helper()
	text := strings.NewReplacer("VERSION", version, "FRESH", fmt.Sprintf("c%d", n)).Replace(`package acme:kv@VERSION;
interface api {
  enum level { low, FRESH }
  resource file { set: func(l: level); }
  open: func(l: level) -> file;
  FRESH: func();
}
world plugin {
  import api;
  export api;
  export run: func(l: bool);
}
`)
	p, err := wit.LoadFS(fstest.MapFS{"x.wit": {Data: []byte(text)}}, "x.wit", wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p.World("plugin")
}

// TestTracks generates worlds of versions whose tracks look alike.
func TestTracks(t *testing.T) {
	m := newTyped("example.com/generated")
	for n, versions := range [][]string{
		{"1.0.0", "0.10.0", "0.1.0"},
		{"0.11.0", "0.1.1-rc.1", "0.1.0"},
		{"0.0.12", "0.0.2", "0.0.1"},
		{"0.2.0", "0.1.0", "0.0.1"},
		{"0.2.0", "0.2.0-rc.2", "0.2.0-rc.1"},
		{"12.0.0", "11.0.0-rc", "1.10.0-rc"}, // which are one word without their dots
	} {
		var worlds []*wit.World
		for k, v := range versions {
			worlds = append(worlds, versionOf(t, v, k))
		}
		dir := fmt.Sprintf("t%d", n)
		files, err := gen.Generate(worlds[0], gen.Options{PackageRoot: path.Join(m.name, dir), Older: worlds[1:]})
		if err != nil {
			t.Errorf("%q: %v", versions, err)
			continue
		}
		m.add(dir, files)
		if _, err := m.stubs(dir, files); err != nil {
			t.Error(err)
		}
	}
	m.check(t)
}

// TestTracksNumbered generates versions of which the first has two wrappers that want
// one name, and the number of the second makes another version's of that.
func TestTracksNumbered(t *testing.T) {
	m := newTyped("example.com/generated")
	var worlds []*wit.World
	for n, v := range []string{"0.13.0", "0.12.0", "0.1.0"} {
		text := fmt.Sprintf(`package acme:kv@%s;
world plugin { export other:kv/plugin@%[1]s; export run: func(l: %s); }
package other:kv@%[1]s { interface plugin { f: func(l: %[2]s); } }
`, v, []string{"u64", "u32", "u8"}[n])
		p, err := wit.LoadFS(fstest.MapFS{"x.wit": {Data: []byte(text)}}, "x.wit", wit.Options{})
		if err != nil {
			t.Fatal(err)
		}
		worlds = append(worlds, p.World("plugin"))
	}
	files, err := gen.Generate(worlds[0], gen.Options{PackageRoot: m.name, Older: worlds[1:]})
	if err != nil {
		t.Fatal(err)
	}
	m.add("", files)
	m.check(t)
}

// TestTracksRefused has versions that cannot be told apart.
func TestTracksRefused(t *testing.T) {
	for _, c := range []struct{ newest, older, want string }{
		{"0.2.1", "0.2.0", "of the same track"},
		{"1.2.0", "1.0.0", "of the same track"},
		{"1.2.0-a", "1.2.0-a", "of the same track"},
		{"1.2.0-a-b", "1.2.0-a.b", "is v1_2_0_a_b in Go, and so is"},
	} {
		_, err := gen.Generate(versionOf(t, c.newest, 0), gen.Options{PackageRoot: "example.com/x", Older: []*wit.World{versionOf(t, c.older, 1)}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s and %s: %v, want %q", c.newest, c.older, err, c.want)
		}
	}
}

// TestOlderOptions generates two versions with options that name what one of them
// has, or both.
func TestOlderOptions(t *testing.T) {
	m := newTyped("example.com/generated")
	versions := []*wit.World{versionOf(t, "0.2.0", 0), versionOf(t, "0.1.0", 1)}
	api := map[string]string{"acme:kv/api@0.1": "example.com/generated/plain/v0_1/api"}
	for _, c := range []struct {
		name string
		o    gen.Options
		want string // of a file
	}{
		{"plain", gen.Options{}, "v0_1/api/api.wit.go: type Level uint8"},
		{"package", gen.Options{Package: "host"}, "v0_1/host/host.wit.go: package host"},
		{"rename", gen.Options{Rename: map[string]string{"api.level": "Degree"}}, "v0_1/api/api.wit.go: type Degree uint8"},
		{"older", gen.Options{Rename: map[string]string{"api.c1": "Former"}}, "v0_1/api/api.wit.go: Former(ctx"},
		{"one", gen.Options{Rename: map[string]string{"acme:kv/api@0.1.0.open": "Unlock"}}, "v0_2/plugin/plugin_v0_1.wit.go: x.of.Unlock(ctx"},
		{"type", gen.Options{Rename: map[string]string{"acme:kv/api@0.2.0.level": "Degree"}}, "v0_2/plugin/plugin_v0_1.wit.go: v01api.Level) (api.Degree"},
		{"with", gen.Options{With: api}, `v0_2/plugin/plugin_v0_1.wit.go: v01api "example.com/generated/plain/v0_1/api"`},
		{"optional", gen.Options{OptionalExports: []string{"api#open"}}, "v0_2/plugin/plugin.wit.go: HasAPIOpen()"},
	} {
		c.o.PackageRoot, c.o.Older = path.Join(m.name, c.name), versions[1:]
		files, err := gen.Generate(versions[0], c.o)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		m.add(c.name, files)
		if _, err := m.stubs(c.name, files); err != nil {
			t.Error(err)
		}
		name, text, _ := strings.Cut(c.want, ": ")
		found := false
		for _, f := range files {
			found = found || f.Path == name && strings.Contains(string(f.Content), text)
		}
		if !found {
			t.Errorf("%s: there is no %s", c.name, c.want)
		}
	}
	m.check(t)
	for _, o := range []gen.Options{
		{Rename: map[string]string{"api.c7": "Former"}},
		{With: map[string]string{"acme:kv/api@0.3": "example.com/x"}},
		{OptionalExports: []string{"api#c1"}},
	} {
		o.PackageRoot, o.Older = m.name, versions[1:]
		if _, err := gen.Generate(versions[0], o); err == nil {
			t.Errorf("no error for what is in no version: %+v", o)
		}
	}
}
