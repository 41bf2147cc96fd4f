package main

import (
	"bytes"
	"testing"

	"github.com/witgen/witgen/examples/plugins/api/hostapi"
	"github.com/witgen/witgen/rt/replay"
)

// TestReplay calls guests of released contracts as they were called then.
func TestReplay(t *testing.T) {
	h := &host{out: new(bytes.Buffer), config: map[string]string{"database_url": "postgres://localhost/demo"}}
	replay.Dir(t, "golden/components", hostapi.Import(h))
}
