package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

const policyText = `version: 1
ceiling: {memory: 64MiB, fuel_per_call: 1e9}
plugins:
  data:
    limits: {memory: 128MiB, instances: 2, deadline: 500ms}
    reuse: pooled
    host_calls:
      "witgen:plugins/host-api.emit-event": {per_call: 1}
      "witgen:plugins/host-api": {bytes: 64KiB}
  greedy:
    limits: {memory: 60KiB}
  closed:
    host_calls: {"witgen:plugins/host-api.emit-event": {deny: true}}
`

func readPolicy(t *testing.T, text string) *policy.File {
	t.Helper()
	file, err := policy.Parse("policy.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestPolicy runs plugins by a policy file: what it grants is cut by the ceiling,
// its budgets hold, and another policy is another revision.
func TestPolicy(t *testing.T) {
	var told events
	h, err := plugin.New(t.Context(), plugin.Config{Policy: readPolicy(t, policyText), Logger: quiet, Observer: &told})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close(context.Background())
	from := plugin.Options{Source: guest(t, "c/data-processor")}
	s, err := plugin.Add(t.Context(), h, "data", world(), from)
	if err != nil {
		t.Fatal(err)
	}
	st := s.Status().Stable
	if l := st.Policy.Limits; l.Memory != 64<<20 || l.FuelPerCall != 1e9 || l.Instances != 2 {
		t.Errorf("has %+v", l)
	}
	if len(st.Cut) != 2 || !strings.Contains(st.Cut[0].String(), "memory 128 MiB -> 64 MiB by the ceiling") {
		t.Errorf("cut: %v", st.Cut)
	}
	if _, err := process(t.Context(), s, "x"); err != nil {
		t.Errorf("within its budget: %v", err)
	}
	if _, err := process(t.Context(), s, "x"); err != nil {
		t.Errorf("each call has one of its own: %v", err)
	}
	_, err = process(t.Context(), s, strings.Repeat("x", 64<<10))
	if !errors.Is(err, rt.ErrLimit) || !strings.Contains(err.Error(), `trap in witgen:plugins/plugin-api@0.1.0#process: wasm trap: witgen:plugins/host-api@0.1.0#log-message: its arguments take more bytes than are left (the policy's host_calls: "witgen:plugins/host-api": {bytes: 64KiB})`) {
		t.Errorf("too many bytes: %v", err)
	}

	_, err = plugin.Add(t.Context(), h, "greedy", world(), from)
	if err == nil || !strings.Contains(err.Error(), "failed at check: needs 64KiB of memory at start, limit 60KiB: raise limits.memory") {
		t.Errorf("too little memory: %v", err)
	}
	closed, err := plugin.Add(t.Context(), h, "closed", world(), from)
	if err != nil {
		t.Fatal(err)
	}
	_, err = process(t.Context(), closed, "x")
	if !errors.Is(err, rt.ErrLimit) || !strings.Contains(err.Error(), `trap in witgen:plugins/plugin-api@0.1.0#process: wasm trap: witgen:plugins/host-api@0.1.0#emit-event: no calls of it are left (the policy's host_calls: "witgen:plugins/host-api.emit-event": {deny: true})`) {
		t.Errorf("a function that is denied: %v", err)
	}
	const denial = `denied: host call witgen:plugins/host-api.emit-event (granted: none); to review: plugins.closed.host_calls: "witgen:plugins/host-api.emit-event": {per_call: 1} (policy.yaml:13)`
	if got := told.of(plugin.DeniedUse); len(got) != 1 || got[0].Text != denial {
		t.Errorf("denials %+v, want\n%s", got, denial)
	}
	if got := closed.Status().Stable.Outcomes; got[plugin.Denied] != 1 || got[plugin.Trapped] != 0 {
		t.Errorf("outcomes %v", got)
	}

	before := s.Status().Stable.Digest
	p := h.Policy.Plugin("data")
	if r, err := s.Grant(t.Context(), p); err != nil || r.Digest() != before {
		t.Errorf("the same policy: %v", err)
	}
	p.HostCalls = nil
	if r, err := s.Grant(t.Context(), p); err != nil || r.Digest() == before || r.Code() != s.Status().Stable.Code {
		t.Errorf("another policy: %v", err)
	}
	if _, err := process(t.Context(), s, strings.Repeat("x", 64<<10)); err != nil {
		t.Errorf("by the other policy: %v", err)
	}
	after := s.Status().Stable.Digest
	p.Limits.Memory = 1
	if _, err := s.Grant(t.Context(), p); err == nil || s.Status().Stable.Digest != after {
		t.Errorf("a policy that does not do: %v", err)
	}
}

// TestLearn says what policy calls would have needed, and runs by that.
func TestLearn(t *testing.T) {
	h := newHost(t)
	learned := policy.NewLearned(*pooled(), policy.Ceiling{})
	options := plugin.Options{Source: guest(t, "c/data-processor"), Learn: learned}
	s, err := plugin.Add(t.Context(), h, "data", world(), options)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := process(t.Context(), s, "what it needs"); err != nil {
			t.Fatal(err)
		}
	}
	text, err := learned.YAML("data")
	if err != nil {
		t.Fatal(err)
	}
	file := readPolicy(t, string(text))
	p := file.Plugin("data")
	if c := p.HostCalls["witgen:plugins/host-api.emit-event"]; c.PerCall != 1 || c.Bytes == 0 || p.Limits.FuelPerCall == 0 || p.Limits.Memory == 0 {
		t.Errorf("learned %s", text)
	}
	p.Limits.Deadline = pooled().Limits.Deadline // this machine may be busier now
	again, err := plugin.Add(t.Context(), h, "again", world(), plugin.Options{Source: options.Source, Policy: &p})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := process(t.Context(), again, "what it needs"); err != nil {
		t.Errorf("by what was learned: %v", err)
	}
	if _, err := process(t.Context(), again, strings.Repeat("what it does not need", 1000)); err == nil {
		t.Error("it may do more than it did")
	}
}

// TestSetting has host functions find the settings of the revision that calls.
func TestSetting(t *testing.T) {
	h := newHost(t)
	var found []string
	w := plugin.Of(api.Prepare, func() api.Imports {
		return api.Imports{HostAPI: asking{emit: func(ctx context.Context) error {
			value, ok := plugin.Setting(ctx, "mode")
			_, other := plugin.Setting(ctx, "secret")
			found = append(found, fmt.Sprintln(value, ok, other))
			return nil
		}}}
	})
	p := pooled()
	p.Config = map[string]string{"mode": "fast"}
	s, err := plugin.Add(t.Context(), h, "data", w, plugin.Options{Policy: p, Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := process(t.Context(), s, "x"); err != nil {
		t.Fatal(err)
	}
	again := *pooled()
	again.Config = map[string]string{"mode": "safe"}
	if _, err := s.Grant(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if _, err := process(t.Context(), s, "x"); err != nil {
		t.Fatal(err)
	}
	if want := []string{"fast true false\n", "safe true false\n"}; !slices.Equal(found, want) {
		t.Errorf("found %q, want %q", found, want)
	}
	if _, ok := plugin.Setting(t.Context(), "mode"); ok {
		t.Error("a setting outside of calls")
	}
}

// TestComponentLimit names the setting that a component is too large for, be it the
// plugin's own or the ceiling's.
func TestComponentLimit(t *testing.T) {
	const want = ": has 5371B, limit 1000B: raise limits.component"
	p := pooled()
	p.Limits.Component = 1000
	_, err := plugin.Add(t.Context(), newHost(t), "data", world(), plugin.Options{Policy: p, Source: guest(t, "c/data-processor")})
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Error(err)
	}
	low := readPolicy(t, "version: 1\nceiling: {component: 1000B}\nplugins:\n  data: {reuse: pooled}\n")
	_, err = plugin.Add(t.Context(), withPolicy(t, low), "data", world(), plugin.Options{Source: guest(t, "c/data-processor")})
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("under a ceiling: %v", err)
	}
	h := withPolicy(t, readPolicy(t, "version: 1\nplugins:\n  data: {reuse: pooled}\n"))
	if _, err = plugin.Add(t.Context(), h, "data", world(), plugin.Options{Source: guest(t, "c/data-processor")}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Grant(t.Context(), low); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("granted a file that what serves is too large for: %v", err)
	}
}
