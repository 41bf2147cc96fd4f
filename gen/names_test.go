package gen

import (
	"slices"
	"testing"
)

func TestLocals(t *testing.T) {
	taken := func(s string) bool { return s == "type" || s == "m" }
	for _, tt := range []struct{ in, want []string }{
		{nil, nil},
		{[]string{"a", "b"}, []string{"a", "b"}},
		{[]string{"type", "m"}, []string{"typeArg", "mArg"}},
		// Who wants a name as it is has it, wherever it stands.
		{[]string{"type", "typeArg"}, []string{"typeArgArg", "typeArg"}},
		{[]string{"typeArg", "type"}, []string{"typeArg", "typeArgArg"}},
		{[]string{"a", "a", "a"}, []string{"a", "aArg", "aArgArg"}},
	} {
		if got := locals(tt.in, taken, "Arg"); !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestImportNames(t *testing.T) {
	pkg := func(path, name string, longer ...string) *goPackage {
		return &goPackage{path: path, name: name, longer: longer}
	}
	store := pkg("x/store", "store", "appstore", "acmeappstore")
	types1 := pkg("x/io/types", "types", "iotypes", "wasiiotypes")
	types2 := pkg("x/http/types", "types", "httptypes", "wasihttptypes")
	types3 := pkg("x/other/io/types", "types", "iotypes", "otheriotypes")
	errors := pkg("x/errors", "errors", "apperrors", "acmeapperrors")
	twin1, twin2 := pkg("x/a", "twin"), pkg("x/b", "twin")
	taken := func(s string) bool { return s == "errors" }
	for _, tt := range []struct {
		name     string
		packages []*goPackage
		want     []string
	}{
		{"free", []*goPackage{store, types1}, []string{"store", "types"}},
		{"taken", []*goPackage{errors}, []string{"apperrors"}},
		{"both get longer", []*goPackage{types1, types2, store}, []string{"iotypes", "httptypes", "store"}},
		{"as long as needed", []*goPackage{types1, types2, types3}, []string{"wasiiotypes", "httptypes", "otheriotypes"}},
		{"numbered by path", []*goPackage{twin2, twin1}, []string{"twinx2", "twin"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 {
				got := importNames(tt.packages, taken)
				for i, p := range tt.packages {
					if got[p] != tt.want[i] {
						t.Errorf("%s: got %s, want %s", p.path, got[p], tt.want[i])
					}
				}
				slices.Reverse(tt.packages)
				slices.Reverse(tt.want)
			}
		})
	}
}
