package gen

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/wit"
)

// TestFields has worlds that import and export interfaces whose names meet. Each
// is read in both orders of its items: the names are the same.
func TestFields(t *testing.T) {
	const deps = `
		package my:dep@0.1.0 { interface a { f: func(); } }
		package my:dep@0.2.0 { interface a { f: func(); } interface b { f: func(); } interface c { record r { n: u8 } } }
		package my:dep@0.2.4 { interface a { f: func(); } interface c { f: func(); } world w { import a; } }
		package my:dep@1.0.0 { interface a { f: func(); } }
		package my:dep@1.3.0-rc.1 { interface a { f: func(); } }
		package my:dep { interface a { f: func(); } }
		package his:dep@0.1.0 { interface a { f: func(); } }
		package acme:kv@1.0.0 { interface store { f: func(); } interface logs { f: func(); } }
		package acme:kv@1.1.0 { interface store { f: func(); } }
	`
	for _, tt := range []struct {
		name    string
		items   string // of the world, one a line
		rename  string
		imports string
		exports string
	}{
		{"one version", "import my:dep/a@0.1.0;", "", "DepA", ""},
		{"two tracks", "import my:dep/a@0.1.0;\nimport my:dep/a@0.2.0;", "", "DepAV0_1 DepAV0_2", ""},
		{"two versions of a track", "import my:dep/a@0.2.0;\nimport my:dep/a@0.2.4;", "", "DepAV0_2_0 DepAV0_2_4", ""},
		{"and another", "import my:dep/a@0.2.0;\nimport my:dep/a@0.2.4;\nimport my:dep/a@1.0.0;", "", "DepAV0_2_0 DepAV0_2_4 DepAV1", ""},
		{"one imported, one exported", "import my:dep/a@0.1.0;\nexport my:dep/a@0.2.0;", "", "DepAV0_1", "DepAV0_2"},
		{"both imported, one exported", "import my:dep/a@0.1.0;\nimport my:dep/a@0.2.0;\nexport my:dep/a@0.2.0;", "", "DepAV0_1 DepAV0_2", "DepAV0_2"},
		{"one included", "import my:dep/a@0.1.0;\ninclude my:dep/w@0.2.4;", "", "DepAV0_1 DepAV0_2", ""},
		{"of different interfaces", "import my:dep/a@0.1.0;\nimport my:dep/b@0.2.0;", "", "DepA DepB", ""},
		{"one of types alone", "import my:dep/c@0.2.0;\nimport my:dep/c@0.2.4;", "", "DepC", ""},
		{"one without a version", "import my:dep/a;\nimport my:dep/a@1.0.0;", "", "DepA DepAV1", ""},
		{"before a release", "import my:dep/a@1.3.0-rc.1;\nimport my:dep/a@1.0.0;", "", "DepAV1 DepAV1_3_0_rc_1", ""},
		{"one under a name of the world's", "import old: my:dep/a@0.1.0;\nimport my:dep/a@0.2.0;", "", "DepA Old", ""},
		{"one renamed", "import my:dep/a@0.1.0;\nimport my:dep/a@0.2.0;", "my:dep/a@0.2.0", "DepAV0_1 Renamed", ""},
		{"of the world's own package", "import store;\nimport acme:kv/store@1.0.0;", "", "Store StoreV1", ""},
		{"of it alone", "import acme:kv/logs@1.0.0;\nexport acme:kv/store@1.0.0;", "", "LogsV1", "StoreV1"},
		{"of it twice", "import acme:kv/store@1.0.0;\nimport acme:kv/store@1.1.0;\nexport store;", "", "StoreV1_0_0 StoreV1_1_0", "Store"},
		{"of it, and one called like it", "import acme:kv/store@1.0.0;\nimport store-v1;", "", "KVStoreV1 StoreV1", ""},
		{"two namespaces", "import my:dep/a@0.1.0;\nimport his:dep/a@0.1.0;", "", "HisDepA MyDepA", ""},
		{"a name of the world's", "import my:dep/a@0.1.0;\nimport dep-a: store;", "", "DepA MyDepA", ""},
		{"a function of the world's", "export my:dep/a@0.1.0;\nexport dep-a: func();", "", "", "MyDepA"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			lines := strings.Split(tt.items, "\n")
			for range 2 {
				source := "package acme:kv@2.0.0;\ninterface store { f: func(); }\ninterface store-v1 { f: func(); }\nworld w {\n" +
					strings.Join(lines, "\n") + "\n}\n" + deps
				pkg, err := wit.LoadFS(fstest.MapFS{"a.wit": {Data: []byte(source)}}, "a.wit", wit.Options{})
				if err != nil {
					t.Fatal(err)
				}
				o := Options{PackageRoot: "example.com/x", Rename: map[string]string{}}
				if tt.rename != "" {
					o.Rename[tt.rename] = "Renamed"
				}
				p, err := newPlan(pkg.Worlds[0], o)
				if err != nil {
					t.Fatal(err)
				}
				if got := fieldNames(p.world.imports); got != tt.imports {
					t.Errorf("imports are %q, want %q", got, tt.imports)
				}
				if got := fieldNames(p.world.exports); got != tt.exports {
					t.Errorf("exports are %q, want %q", got, tt.exports)
				}
				slices.Reverse(lines)
			}
		})
	}
}

// fieldNames returns the names of fields in order, with spaces between.
func fieldNames(slots []slot) string {
	var names []string
	for _, s := range slots {
		if s.field != "" {
			names = append(names, s.field)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func TestWorldStruct(t *testing.T) {
	for in, want := range map[string]string{
		"plugin": "Plugin", "imports": "ImportsWorld", "instantiate": "InstantiateWorld", "prepare": "PrepareWorld", "prepared": "PreparedWorld",
		"functions": "FunctionsWorld", "unimplemented-functions": "UnimplementedFunctionsWorld", "IMPORTS": "ImportsWorld",
		"import": "Import", "close": "Close", "world": "World", "config": "Config",
	} {
		if got := worldStruct(in); got != want {
			t.Errorf("worldStruct(%q) = %q, want %q", in, got, want)
		}
	}
}
