package main

import (
	"os"
	"testing"

	"github.com/witgen/witgen/rt"
)

// TestDemo runs the script: it fails where something is not as it should be.
// Compiling takes long under the race detector.
func TestDemo(t *testing.T) {
	if err := showAll(t.Context(), os.Stdout, rt.Config{Interpreter: true}); err != nil {
		t.Error(err)
	}
}
