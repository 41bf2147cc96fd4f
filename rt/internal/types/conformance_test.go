package types_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/types"
)

// suiteDir holds the official test suite as binaries.
const suiteDir = "../../../../shared/spec"

// suite calls f for each binary of the official suite that decodes, and skips
// the test when the suite is not there.
func suite(t *testing.T, f func(t *testing.T, command, name string, tree *binary.Component)) {
	t.Helper()
	scripts, err := filepath.Glob(filepath.Join(suiteDir, "*", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(scripts) == 0 {
		t.Skipf("the official component model suite is not at %s", suiteDir)
	}
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		var list struct {
			Commands []struct{ Type, Filename string }
		}
		if err := json.Unmarshal(text, &list); err != nil {
			t.Fatalf("%s: %v", script, err)
		}
		for _, c := range list.Commands {
			if !strings.HasSuffix(c.Filename, ".wasm") || c.Type == "assert_malformed" {
				continue
			}
			wasm, err := os.ReadFile(filepath.Join(filepath.Dir(script), c.Filename))
			if err != nil {
				t.Fatal(err)
			}
			tree, err := binary.Decode(wasm)
			if err != nil {
				t.Fatalf("%s: %v", c.Filename, err)
			}
			f(t, c.Type, c.Filename, tree)
		}
	}
}

// notSupported reports whether an error is one of a component that is valid.
func notSupported(err error) bool {
	return err != nil && strings.Contains(err.Error(), "not supported")
}

// leftToCore are the invalid components that pass the check, with the reason.
// The core engine refuses them, which TestConformanceInvalid wants to see.
var leftToCore = map[string]string{
	"core-modules.1.wasm": "the body of a core function does not type-check; bodies are the core engine's",
}

// TestConformanceInvalid checks what the official suite calls invalid: all of
// it must be refused, for what it is.
func TestConformanceInvalid(t *testing.T) {
	suite(t, func(t *testing.T, command, name string, tree *binary.Component) {
		if command != "assert_invalid" {
			return
		}
		t.Run(name, func(t *testing.T) {
			_, err := types.Check(tree)
			reason, left := leftToCore[name]
			switch {
			case left && err != nil:
				t.Errorf("refused, and should be left to the core engine, as %s: %v", reason, err)
			case left:
				refusedByCore(t, tree)
			case err == nil:
				t.Error("invalid and not refused")
			case notSupported(err):
				t.Errorf("invalid, and refused for something else: %v", err)
			}
		})
	})
}

// refusedByCore wants the core engine to refuse a core module of a component.
func refusedByCore(t *testing.T, tree *binary.Component) {
	t.Helper()
	ctx := t.Context()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
	defer r.Close(ctx)
	for _, d := range tree.Defs {
		if m, ok := d.(*binary.CoreModule); ok {
			if _, err := r.CompileModule(ctx, m.Bytes); err != nil {
				return
			}
		}
	}
	t.Error("invalid, and the core engine does not refuse it either")
}

// TestConformanceValid checks what the official suite instantiates or defines:
// none of it may be called invalid.
func TestConformanceValid(t *testing.T) {
	suite(t, func(t *testing.T, command, name string, tree *binary.Component) {
		if command == "assert_invalid" {
			return
		}
		t.Run(name, func(t *testing.T) {
			if _, err := types.Check(tree); err != nil && !notSupported(err) {
				t.Errorf("valid and refused: %v", err)
			}
		})
	})
}
