package plan_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/rt/internal/types"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const root = "../../../"

func build(wasm []byte) (*plan.Plan, error) {
	tree, err := binary.Decode(wasm)
	if err != nil {
		return nil, err
	}
	c, err := types.Check(tree)
	if err != nil {
		return nil, err
	}
	return plan.Build(c)
}

// TestGolden holds the plans of real components: one core module; several with
// a shim and a fixup; inner components that call each other and share resources.
func TestGolden(t *testing.T) {
	for name, guest := range map[string]string{
		"c-image":   "c/image-processor",
		"rust-data": "rust/data-processor",
		"go-data":   "go/data-processor",
		"js-image":  "js/image-processor",
	} {
		t.Run(name, func(t *testing.T) {
			wasm, err := os.ReadFile(guests.Plugin(guest))
			if err != nil {
				t.Fatal(err)
			}
			p, err := build(wasm)
			if err != nil {
				t.Fatal(err)
			}
			got, file := p.String(), "testdata/"+name+".plan"
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("plan of %s is not that of %s (go test -update rewrites it):\n%s", guest, file, got)
			}
			again, err := build(wasm)
			if err != nil || again.String() != got {
				t.Errorf("a second plan differs, %v", err)
			}
		})
	}
}

// TestSuite takes every component of the official suite through all phases
// before compilation. Whatever they say of it, none may panic.
func TestSuite(t *testing.T) {
	files, err := filepath.Glob(root + "../shared/spec/*/*.wasm")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the official suite is not here: ../shared/spec")
	}
	planned := 0
	for _, f := range files {
		wasm, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := build(wasm); err == nil && p.String() != "" {
			planned++
		}
	}
	t.Logf("%d of %d files have a plan", planned, len(files))
}

// TestConformancePlan wants a plan of all that the suite instantiates or
// defines, or a refusal as not supported.
func TestConformancePlan(t *testing.T) {
	scripts, err := filepath.Glob(root + "../shared/spec/*/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(scripts) == 0 {
		t.Skip("the official suite is not here: ../shared/spec")
	}
	for _, s := range scripts {
		for _, c := range commands(t, s) {
			if c.Type != "component" && c.Type != "component_definition" || !strings.HasSuffix(c.Filename, ".wasm") {
				continue
			}
			wasm, err := os.ReadFile(filepath.Join(filepath.Dir(s), c.Filename))
			if err != nil {
				t.Fatal(err)
			}
			if _, err = build(wasm); err != nil && !strings.Contains(err.Error(), "not supported") {
				t.Errorf("%s is valid and refused: %v", c.Filename, err)
			}
		}
	}
}

type command struct{ Type, Filename string }

func commands(t *testing.T, file string) []command {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var script struct{ Commands []command }
	if err := json.Unmarshal(b, &script); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return script.Commands
}

func FuzzBuild(f *testing.F) {
	files, err := filepath.Glob(root + "examples/plugins/guests/broken/*.wasm")
	if err != nil {
		f.Fatal(err)
	}
	more, err := filepath.Glob(root + "../shared/spec/*/*.wasm")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, more...) {
		wasm, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wasm)
	}
	f.Fuzz(func(t *testing.T, wasm []byte) {
		if p, err := build(wasm); err == nil {
			_ = p.String()
		}
	})
}
