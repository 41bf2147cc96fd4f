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
	for _, tt := range []struct{ name, wit string }{
		{"plugins", "examples/plugins/wit"},
		{"types", "golden/types/wit"},
		{"resources", "golden/resources/wit"},
		{"packages", "gen/testdata/packages"},
		{"worlds", "golden/worlds/wit"},
		{"named", "golden/named/wit"},
		{"versions", "golden/versions/wit"},
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
			p, err := newPlan(w, Options{PackageRoot: "example.com/app/api"})
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
