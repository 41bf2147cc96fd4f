package gen_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

// TestMapOfResources looks for what refuses two entries with one key where a
// guest hands over resources, and only there.
func TestMapOfResources(t *testing.T) {
	for _, tt := range []struct {
		value string
		want  bool
	}{
		{"blob", true},
		{"list<blob, 2>", true},
		{"map<u8, list<option<blob>>>", true},
		{"borrow<blob>", false},
		{"string", false},
	} {
		const text = `package a:b;
			interface i { resource blob; f: func(a: map<string, VALUE>); }
			world w { import i; }`
		files := fstest.MapFS{"a.wit": {Data: []byte(strings.Replace(text, "VALUE", tt.value, 1))}}
		pkg, err := wit.LoadFS(files, "a.wit", wit.Options{})
		if err != nil {
			t.Fatal(err)
		}
		generated, err := gen.Generate(pkg.Worlds[0], gen.Options{PackageRoot: "example.com/x"})
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, f := range generated {
			found = found || strings.Contains(string(f.Content), "v[abi.Unique(m, v, m.LoadString(ptr+i*")
		}
		if found != tt.want {
			t.Errorf("map<string, %s>: refuses entries with one key: %v, want %v", tt.value, found, tt.want)
		}
	}
}
