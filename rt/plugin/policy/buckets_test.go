package policy_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/plugin/policy"
	"github.com/witgen/witgen/rt/wasi"
)

var drafts = policy.Request{Imports: []string{"wasi:keyvalue/store@0.2.0-draft2", "wasi:logging/logging"}}

func TestResolveBuckets(t *testing.T) {
	manifest := drafts
	manifest.Manifest = &policy.Manifest{KeyValue: []string{"cache-a", "x"}}
	for _, c := range []struct {
		name    string
		request policy.Request
		text    string
		want    string // buckets
		denied  int
		notes   string
	}{
		{"nothing", drafts, "", "", 1, ""},
		{"granted", drafts, "plugins: {p: {keyvalue: [b, a, 'a*', 'b']}}", "a* b", 0, ""},
		{"not asked for", policy.Request{}, "plugins: {p: {keyvalue: [a, '']}}", "", 0, "keyvalue \"\" denied by the request|keyvalue a denied by the request"},
		{"ceiling", drafts, "ceiling: {keyvalue: [a, 'cache-*']}\nplugins: {p: {keyvalue: [a, b, 'cache-a*']}}", "a cache-a*", 0, "keyvalue b denied by the ceiling"},
		{"empty ceiling", drafts, "ceiling: {keyvalue: []}\nplugins: {p: {keyvalue: ['*']}}", "", 1, "keyvalue * denied by the ceiling"},
		{"manifest", manifest, "plugins: {p: {keyvalue: ['cache-*', b]}}", "cache-a", 0, "keyvalue b denied by the manifest|keyvalue cache-* -> cache-a by the manifest"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, notes := resolve(t, c.request, c.text)
			if got := strings.Join(e.KeyValue, " "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := strings.Join(notes, "|"); got != c.notes {
				t.Errorf("notes %q, want %q", got, c.notes)
			}
			if len(e.Denied) != c.denied {
				t.Errorf("denied %q", e.Denied)
			}
		})
	}
}

func TestBuckets(t *testing.T) {
	e := policy.Effective{KeyValue: []string{"a", "b*"}}
	store := e.Buckets(&wasi.MemoryStore{Buckets: []string{"a", "bc", "c"}})
	for _, c := range []struct {
		name string
		want error
	}{{"a", nil}, {"bc", nil}, {"c", wasi.ErrAccessDenied}, {"", wasi.ErrAccessDenied}, {"b", wasi.ErrNoSuchStore}} {
		if _, err := store.Open(t.Context(), c.name); !errors.Is(err, c.want) {
			t.Errorf("%q: got %v, want %v", c.name, err, c.want)
		}
	}
	if (policy.Effective{}).Buckets(&wasi.MemoryStore{}) != nil || e.Buckets(nil) != nil {
		t.Error("there are buckets that nobody granted, or has")
	}
}

// TestLogging hands on what the rights let through.
func TestLogging(t *testing.T) {
	messages := []slog.Level{wasi.LevelTrace, slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError, wasi.LevelCritical}
	for _, c := range []struct {
		text string
		want int // messages
	}{
		{"", 6}, {"plugins: {p: {logging: trace}}", 6}, {"plugins: {p: {logging: info}}", 4}, {"plugins: {p: {logging: critical}}", 1},
		{"plugins: {p: {logging: off}}", 0}, {"ceiling: {logging: warn}", 3}, {"ceiling: {logging: off}\nplugins: {p: {logging: info}}", 0},
		{"ceiling: {logging: info}\nplugins: {p: {logging: error}}", 2},
	} {
		e, _ := resolve(t, drafts, c.text)
		var b bytes.Buffer
		log := e.Logger(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: wasi.LevelTrace})))
		if off := e.Logging == policy.LogOff; (log == nil) != off || slices.Contains(e.Denied, "wasi:logging/logging") != off {
			t.Errorf("%q: logger %v, denied %q", c.text, log, e.Denied)
		}
		if log != nil {
			for _, level := range messages {
				log.With("a", 1).WithGroup("g").Log(context.Background(), level, "m")
			}
		}
		if got := strings.Count(b.String(), "msg=m"); got != c.want {
			t.Errorf("%q: %d messages, want %d\n%s", c.text, got, c.want, b.String())
		}
	}
	e, notes := resolve(t, drafts, "ceiling: {logging: warn}\nplugins: {p: {logging: info}}")
	if e.Logging != policy.LogWarn || !slices.Equal(notes, []string{"logging info -> warn by the ceiling"}) {
		t.Errorf("%v, notes %q", e.Logging, notes)
	}
	if (policy.Effective{}).Logger(nil) != nil {
		t.Error("a logger of nothing")
	}
}

// TestLearnedBuckets learns which buckets are opened, and would be.
func TestLearnedBuckets(t *testing.T) {
	f := parse(t, "version: 1\nceiling: {keyvalue: [a, b, 'c*']}\nplugins: {p: {keyvalue: [a, unused, 'c*']}}")
	l := policy.NewLearned(f.Plugin("p"), f.Ceiling)
	rights, _ := policy.Resolve(drafts, l.Grant(), f.Ceiling)
	c := wasi.Config{KeyValue: rights.Buckets(&wasi.MemoryStore{Buckets: []string{"a", "c\x01"}})}
	l.Observe(&c)
	for _, name := range []string{"a", "c\x01", "c2"} {
		_, _ = c.KeyValue.Open(t.Context(), name)
	}
	for _, name := range []string{"b", "z", "*", "\x01"} {
		l.Denied(t.Context(), wasi.Denial{Capability: "keyvalue", Operation: "open", Target: name})
	}
	p, notes := l.Policy()
	if want := []string{"a", "b", "c*"}; !slices.Equal(p.KeyValue, want) {
		t.Errorf("got %q, want %q", p.KeyValue, want)
	}
	var texts []string
	for _, n := range notes {
		texts = append(texts, n.String())
	}
	if want := []string{"keyvalue open * denied by the host", "keyvalue open \ufffd denied by the host", "keyvalue z denied by the ceiling"}; !slices.Equal(texts, want) {
		t.Errorf("notes\n%q, want\n%q", texts, want)
	}
}
