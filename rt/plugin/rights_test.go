package plugin_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
	"github.com/witgen/witgen/rt/wasi"
)

// TestBuckets grants buckets of a store, to plugins that ask for them.
func TestBuckets(t *testing.T) {
	const text = "version: 1\nplugins:\n  open: {keyvalue: [default]}\n  other: {keyvalue: [cache]}\n"
	for _, tt := range []struct {
		name  string
		store wasi.KeyValue
		hook  wasi.KeyValue // that the host gives beyond the policy
		deny  policy.Deny
		out   string // what the guest prints first
		event string
		fails string // loading it
	}{
		{"open", &wasi.MemoryStore{}, nil, "", "none false", `denied: keyvalue open "elsewhere" (grants: default); to review: plugins.open.keyvalue: ["elsewhere"] (policy.yaml:3)`, ""},
		{"other", &wasi.MemoryStore{}, nil, "", "Error::AccessDenied", `denied: keyvalue open "default" (grants: cache); to review: plugins.other.keyvalue: ["default"] (policy.yaml:4)`, ""},
		{"none", &wasi.MemoryStore{}, nil, "", "Error::AccessDenied", `denied: keyvalue open "default" (grants: none); to review: plugins.none.keyvalue: ["default"] (policy.yaml:2)`, ""},
		{"none", &wasi.MemoryStore{}, nil, policy.Refuse, "", "", "imports missing: wasi:"},
		{"none", nil, &wasi.MemoryStore{}, "", "none false", "", ""},
		{"open", nil, nil, "", "", "", "failed at check: keyvalue: default: the host has no store: see Config.KeyValue"},
	} {
		t.Run(tt.name+tt.fails, func(t *testing.T) {
			seen := &events{}
			file := readPolicy(t, text)
			h, err := plugin.New(t.Context(), plugin.Config{Policy: file, KeyValue: tt.store, Logger: quiet, Observer: seen})
			if err != nil {
				t.Fatal(err)
			}
			defer h.Close(context.Background())
			grant := file.Plugin(tt.name)
			grant.Deny = tt.deny
			var out bytes.Buffer
			s, err := plugin.Add(t.Context(), h, tt.name, commands(), plugin.Options{
				Source: testCommand(t, "drafts"), Policy: &grant,
				WASI: func(c *wasi.Config) {
					c.Args, c.Stdout = []string{"drafts", "store", "default"}, &out
					if tt.hook != nil {
						c.KeyValue = tt.hook
					}
				},
			})
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := run(t.Context(), s); err != nil {
				t.Error(err)
			}
			if first, _, _ := strings.Cut(out.String(), "\n"); first != tt.out {
				t.Errorf("got %q, want %q", first, tt.out)
			}
			denied := ""
			if e := seen.of(plugin.DeniedUse); len(e) > 0 {
				denied = e[0].Text
			}
			if denied != tt.event {
				t.Errorf("denied %q, want %q", denied, tt.event)
			}
		})
	}
}

// TestLogged logs of a plugin's messages what its policy lets through.
func TestLogged(t *testing.T) {
	for logging, want := range map[policy.Level]bool{"": true, policy.LogError: true, policy.LogOff: false} {
		var b bytes.Buffer
		h, err := plugin.New(t.Context(), plugin.Config{Logger: slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelError}))})
		if err != nil {
			t.Fatal(err)
		}
		s, err := plugin.Add(t.Context(), h, "drafts", commands(), plugin.Options{
			Source: testCommand(t, "drafts"), Policy: &policy.Policy{Logging: logging},
			WASI: func(c *wasi.Config) { c.Args = []string{"drafts", "log", "db", "it is slow"} },
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := run(t.Context(), s); err != nil {
			t.Error(err)
		}
		if err := h.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), "it is slow"); got != want {
			t.Errorf("%q: logged is %v\n%s", logging, got, b.String())
		}
	}
}

// TestRampOfPolicy tries out what a policy says is to be tried out.
func TestRampOfPolicy(t *testing.T) {
	for _, tt := range []struct {
		canary policy.Canary
		want   *plugin.Ramp
	}{
		{policy.Canary{}, nil},
		{policy.Canary{Slower: 2}, &plugin.Ramp{Slower: 2}},
		{policy.Canary{Steps: []float64{0.5}, MinSamples: 9, Window: policy.Duration(time.Second), Windows: 4, Slower: 1.5},
			&plugin.Ramp{Steps: []float64{0.5}, MinSamples: 9, Window: time.Second, Windows: 4, Slower: 1.5}},
	} {
		got := plugin.RampOf(tt.canary)
		if (got == nil) != (tt.want == nil) {
			t.Fatalf("%+v: got %+v", tt.canary, got)
		}
		if got == nil {
			continue
		}
		if err := got.Validate(); err != nil || !slices.Equal(got.Steps, tt.want.Steps) || got.MinSamples != tt.want.MinSamples ||
			got.Window != tt.want.Window || got.Windows != tt.want.Windows || got.Slower != tt.want.Slower {
			t.Errorf("got %+v, want %+v: %v", got, tt.want, err)
		}
	}
}
