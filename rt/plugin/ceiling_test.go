package plugin_test

import (
	"context"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// TestCeilingLater lowers the ceiling: neither what served before, under the higher one,
// nor what was staged under it comes to serve with more than that.
func TestCeilingLater(t *testing.T) {
	h := withPolicy(t, readPolicy(t, "version: 1\nplugins:\n  data: {reuse: pooled}\n"))
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	staged, err := s.Stage(context.Background(), another(t, "c/data-processor", 1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Grant(t.Context(), readPolicy(t, "version: 1\nceiling: {memory: 1MiB}\nplugins:\n  data: {reuse: pooled}\n")); err != nil {
		t.Fatal(err)
	}
	if err := s.Rollback(t.Context(), "worse"); err == nil || !strings.Contains(err.Error(), "is what served before, too") {
		t.Errorf("rolled back to more than the ceiling: %v", err)
	}
	for _, err := range []error{s.Swap(staged), s.Canary(staged, plugin.Ramp{})} {
		if err == nil || !strings.Contains(err.Error(), "stage it again") {
			t.Errorf("staged under another ceiling: %v", err)
		}
	}
	if err := s.Discard(staged); err != nil {
		t.Error(err)
	}
	if m := s.Status().Stable.Policy.Limits.Memory; m > 1*policy.MiB {
		t.Errorf("above the ceiling: %v", m)
	}
}
