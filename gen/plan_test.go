package gen

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/witgen/witgen/wit"
)

// TestPlan compares plans with their golden text: what is chosen, before
// anything is printed.
func TestPlan(t *testing.T) {
	for _, tt := range []struct {
		name, wit string
		optional  []string
	}{
		{"plugins", "golden/plugins/wit", nil},
		{"types", "golden/types/wit", nil},
		{"resources", "golden/resources/wit", nil},
		{"packages", "gen/testdata/packages", nil},
		{"worlds", "golden/worlds/wit", nil},
		{"named", "golden/named/wit", nil},
		{"named-optional", "golden/named/wit", []string{
			"named#left", "named#right.open", "finder", "finder#find", "vault#box.constructor", "named#safe.box.both", "named#spare.empty", "scale",
		}},
		{"versions", "golden/versions/wit", nil},
		{"versions-optional", "golden/versions/wit", []string{"store", "acme:files/sizes@0.2", "acme:files/sizes@0.1.0#measure"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pkg, err := wit.LoadFS(os.DirFS(".."), tt.wit, wit.Options{})
			if err != nil {
				t.Fatal(err)
			}
			w, err := pkg.ChooseWorld("")
			if err != nil {
				t.Fatal(err)
			}
			p, err := newPlan(w, Options{PackageRoot: "example.com/app/api", OptionalExports: tt.optional})
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", "plan", tt.name+".txt")
			if flag.Lookup("update").Value.String() == "true" {
				if err := os.WriteFile(golden, []byte(p.String()), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatalf("%v; go test ./gen -update writes it", err)
			}
			if got := p.String(); got != string(want) {
				t.Errorf("%s differs; go test ./gen -update rewrites it\ngot\n%s", golden, got)
			}
		})
	}
}
