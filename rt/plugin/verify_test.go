package plugin_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// TestVerify asks the host whether code may be used, and the verifier that the
// policy names: before anything looks into it, and with what the policy says.
func TestVerify(t *testing.T) {
	wrong := errors.New("signed by nobody")
	type asked struct {
		plugin, identity string
		digest           plugin.Digest
		size             int
	}
	for _, tt := range []struct {
		name   string
		source policy.Source
		all    error // of Config.Verify
		cosign error // of the verifier
		want   string
		asked  []string // by whom
	}{
		{"nothing", policy.Source{}, nil, wrong, "", []string{"all"}},
		{"all", policy.Source{}, wrong, nil, "failed at verify: signed by nobody", []string{"all"}},
		{"named", policy.Source{Verify: "cosign", Identity: "ci@example.com"}, nil, nil, "", []string{"all", "cosign"}},
		{"wrong", policy.Source{Verify: "cosign", Identity: "ci@example.com"}, nil, wrong, "failed at verify: cosign: signed by nobody", []string{"all", "cosign"}},
		{"both", policy.Source{Verify: "cosign"}, wrong, nil, "failed at verify: signed by nobody", []string{"all"}},
		{"unknown", policy.Source{Verify: "minisign"}, nil, nil, `failed at verify: source.verify: the host has no verifier "minisign": see Config.Verifiers`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var by []string
			var last asked
			h, err := plugin.New(t.Context(), plugin.Config{
				Logger: quiet,
				Verify: func(_ context.Context, name string, d plugin.Digest, wasm []byte) error {
					by, last = append(by, "all"), asked{name, last.identity, d, len(wasm)}
					return tt.all
				},
				Verifiers: map[string]plugin.Verifier{"cosign": func(_ context.Context, name, identity string, d plugin.Digest, wasm []byte) error {
					by, last = append(by, "cosign"), asked{name, identity, d, len(wasm)}
					return tt.cosign
				}},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer h.Close(context.Background())
			p := pooled()
			p.Source = tt.source
			code := guest(t, "c/data-processor")
			s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Policy: p, Source: code})
			if tt.want == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %s", err, tt.want)
			}
			if got, want := strings.Join(by, " "), strings.Join(tt.asked, " "); got != want {
				t.Errorf("asked %s, want %s", got, want)
			}
			if err != nil {
				return
			}
			want := asked{"data", tt.source.Identity, s.Status().Stable.Code, len(plugin.BytesOf(t.Context(), code))}
			if last != want {
				t.Errorf("asked about %+v, want %+v", last, want)
			}
		})
	}
}

// TestVerifyGranted refuses a policy file that names a verifier which the host does
// not have, and one for another world, before anything changes.
func TestVerifyGranted(t *testing.T) {
	const text = "version: 1\nplugins:\n  data: {reuse: pooled}\n"
	h := withPolicy(t, readPolicy(t, text))
	s, err := plugin.Add(t.Context(), h, "data", world(), plugin.Options{Source: guest(t, "c/data-processor")})
	if err != nil {
		t.Fatal(err)
	}
	before := s.Status().Stable.Digest
	for _, tt := range []struct{ more, want string }{
		{"source: {verify: cosign}", `the host has no verifier "cosign"`},
		{"world: witgen:plugins/other@0.1.0", "world: the policy is for witgen:plugins/other@0.1.0, and the host has witgen:plugins/plugin@0.1.0"},
		{"world: witgen:plugins/plugin@0.2.0", "the host has witgen:plugins/plugin@0.1.0"},
	} {
		file := readPolicy(t, strings.Replace(text, "pooled", "pooled, "+tt.more, 1))
		if _, err := h.Grant(t.Context(), file); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.more, err, tt.want)
		}
		if now := s.Status().Stable.Digest; now != before {
			t.Errorf("%s: %s serves", tt.more, now)
		}
	}
}

// TestWorldOfPolicy has a policy bound to a world: plugins of another one are not
// loaded under it.
func TestWorldOfPolicy(t *testing.T) {
	h := newHost(t)
	nameless := world()
	nameless.Name = ""
	renamed := world()
	renamed.Older = []string{"witgen:plugins/before@0.0.9"}
	both := world()
	both.Older = []string{"witgen:plugins/plugin@0.0.9"}
	for _, tt := range []struct {
		bound string
		world plugin.World[*api.Plugin]
		want  string
	}{
		{"witgen:plugins/plugin@0.1.0", world(), ""},
		{"witgen:plugins/plugin", world(), ""}, // of any version
		{"witgen:plugins/other", world(), "failed at check: world: the policy is for witgen:plugins/other, and the host has witgen:plugins/plugin@0.1.0"},
		{"witgen:plugins/plugin@0.1.7", world(), ""}, // by which plugins of this one are linked
		{"witgen:plugins/plugin@0.1", world(), ""},
		{"witgen:plugins/plugin@0.1.0-rc.1", world(), "the host has witgen:plugins/plugin@0.1.0"},
		{"witgen:plugins/plugin@0.0.9", both, ""}, // one that it serves too
		{"witgen:plugins/before", renamed, ""},
		{"witgen:plugins/plugin@0.0.8", both, "the host has witgen:plugins/plugin@0.1.0 and older ones: witgen:plugins/plugin@0.0.9"},
		{"witgen:plugins/plugin@0.1.0", nameless, "and the host's world has no name"},
	} {
		p := pooled()
		p.World = tt.bound
		s, err := plugin.Add(t.Context(), h, "data", tt.world, plugin.Options{Policy: p, Source: guest(t, "c/data-processor")})
		if tt.want == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.bound, err, tt.want)
		}
		if err == nil {
			if err := s.Unload(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
}
