package types_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/types"
)

func TestGuests(t *testing.T) {
	files, err := filepath.Glob("../../../examples/plugins/guests/*/*.wasm")
	if err != nil || len(files) == 0 {
		t.Fatalf("no guests: %v", err)
	}
	for _, f := range files {
		wasm, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		tree, err := binary.Decode(wasm)
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		c, err := types.Check(tree)
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		for _, e := range c.Type.Exports {
			t.Log(f, e.Name, len(e.Instance.Exports))
		}
	}
}
