package plan_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
		"c-image":   "c/image-processor.wasm",
		"rust-data": "rust/data-processor.wasm",
		"go-data":   "go/data-processor.wasm",
		"js-image":  "js/image-processor.wasm",
	} {
		t.Run(name, func(t *testing.T) {
			wasm, err := os.ReadFile(root + "examples/plugins/guests/" + guest)
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

// invalidRefused is how many of the suite's invalid components are refused
// before compilation. It may only rise; the names and the visibility of types
// make up the rest.
const invalidRefused = 214

// TestConformanceInvalid counts what is refused of what the suite calls
// invalid, and wants all else that it has either planned or refused as not
// supported.
func TestConformanceInvalid(t *testing.T) {
	scripts, err := filepath.Glob(root + "../shared/spec/*/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(scripts) == 0 {
		t.Skip("the official suite is not here: ../shared/spec")
	}
	refused, total := 0, 0
	for _, s := range scripts {
		for _, c := range commands(t, s) {
			if !strings.HasSuffix(c.Filename, ".wasm") {
				continue
			}
			wasm, err := os.ReadFile(filepath.Join(filepath.Dir(s), c.Filename))
			if err != nil {
				t.Fatal(err)
			}
			_, err = build(wasm)
			switch c.Type {
			case "assert_invalid":
				total++
				if err != nil {
					refused++
				}
			case "component", "component_definition":
				if err != nil && !strings.Contains(err.Error(), "not supported") {
					t.Errorf("%s is valid and refused: %v", c.Filename, err)
				}
			}
		}
	}
	t.Logf("refused %d of %d invalid components", refused, total)
	if refused < invalidRefused {
		t.Errorf("refused %d invalid components, before it were %d", refused, invalidRefused)
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
