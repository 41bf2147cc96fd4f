package admin_test

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"

	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/admin"
)

// trap calls a plugin in a way that one of them traps at.
func trap(t testing.TB, s *plugin.Slot[*api.Plugin]) error {
	return s.Do(t.Context(), func(ctx context.Context, p *api.Plugin) error {
		_, err := p.PluginAPI.Process(ctx, pluginapi.ProcessRequest{Input: "trap"})
		return err
	})
}

// TestAct does what the buttons do, by a browser and by a program.
func TestAct(t *testing.T) {
	for _, who := range []string{"cookie", "bearer"} {
		t.Run(who, func(t *testing.T) {
			h := newHost(t)
			s := add(t, h, "data & co", plugin.Metadata{})
			page := newPage(t, h, admin.Config{})
			with, done := header(own, login(t, page)), http.StatusSeeOther
			if who == "bearer" {
				with, done = bearer(token), http.StatusNoContent
			}
			act := func(want int, do, revision, reason string) string {
				t.Helper()
				w, body := send(t, page, "POST", "/act", with, url.Values{"slot": {"data & co"}, "do": {do}, "revision": {revision}, "reason": {reason}})
				if w.StatusCode != want {
					t.Errorf("%s: %s, want %d\n%s", do, w.Status, want, body)
				}
				if to := w.Header.Get("Location"); w.StatusCode == http.StatusSeeOther && to != "slot?name=data+%26+co" {
					t.Errorf("%s: to %q", do, to)
				}
				return body
			}
			first := s.Status().Stable.Digest
			act(http.StatusBadRequest, "destroy", "", "")
			act(http.StatusBadRequest, "", "", "")
			act(http.StatusConflict, "promote", first.Short(), "") // nothing is tried out

			two := try(t, s, 'b').Digest()
			act(http.StatusConflict, "promote", "", "")
			if body := act(http.StatusConflict, "promote", first.Short(), ""); !strings.Contains(body, "now it is "+two.Short()) {
				t.Errorf("refused with %s", body)
			}
			act(done, "hold", two.Short(), "")
			if !s.Status().Held {
				t.Error("not held")
			}
			act(done, "resume", two.Short(), "")
			if s.Status().Held {
				t.Error("held")
			}
			act(done, "promote", two.Short(), "")
			if st := s.Status(); st.Stable.Digest != two || st.Canary != nil {
				t.Errorf("promoted: %+v", st)
			}
			act(http.StatusConflict, "rollback", first.Short(), "of what does not serve")
			act(done, "rollback", two.Short(), "it was slow")
			if st := s.Status(); st.Stable.Digest != first || len(st.Quarantine) != 1 || st.Quarantine[0].Reason != "it was slow" {
				t.Errorf("rolled back: %+v", st)
			}
			act(http.StatusConflict, "rollback", first.Short(), "") // nothing served before

			three := try(t, s, 'c').Digest()
			act(done, "rollback", three.Short(), strings.Repeat("x", 5000))
			if st := s.Status(); st.Canary != nil || st.Stable.Digest != first || len(st.Quarantine) != 2 {
				t.Errorf("rolled the canary back: %+v", st)
			}
			for _, q := range s.Status().Quarantine {
				if len(q.Reason) > 1200 {
					t.Errorf("a reason of %d bytes", len(q.Reason))
				}
			}
			if _, err := s.Load(t.Context(), source(t, "c/data-processor", 'd')); err != nil {
				t.Fatal(err)
			}
			act(done, "retry", "", "")
			if s.Status().Stable.Digest != first {
				t.Error("the source does not serve")
			}
		})
	}
}

// TestForms refuses forms that are none, or too long, or of plugins that are not
// there.
func TestForms(t *testing.T) {
	h := newHost(t)
	add(t, h, "data", plugin.Metadata{})
	page := newPage(t, h, admin.Config{})
	for _, tt := range []struct {
		name string
		form url.Values
		want int
	}{
		{"no slot", url.Values{"do": {"retry"}}, http.StatusNotFound},
		{"another slot", url.Values{"slot": {"x"}, "do": {"retry"}}, http.StatusNotFound},
		{"too long", url.Values{"slot": {"data"}, "do": {"retry"}, "reason": {strings.Repeat("x", 17<<10)}}, http.StatusBadRequest},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if w, body := send(t, page, "POST", "/act", bearer(token), tt.form); w.StatusCode != tt.want {
				t.Errorf("got %d, want %d\n%s", w.StatusCode, tt.want, body)
			}
		})
	}
	if w, _ := send(t, page, "POST", "/act?slot=data&do=retry", bearer(token), url.Values{}); w.StatusCode != http.StatusNotFound {
		t.Errorf("taken from the address: %s", w.Status)
	}
	if w, _ := send(t, page, "POST", "/act", header(bearer(token), http.Header{"Content-Type": {"/"}}), nil); w.StatusCode != http.StatusBadRequest {
		t.Errorf("no form: %s", w.Status)
	}
}

// TestHostileText shows what a plugin says of itself, and operators of it, as
// text that changes nothing of the page.
func TestHostileText(t *testing.T) {
	h := newHost(t)
	evil := `</q><script src=//evil.example></script><img src=x onerror=alert(1)>"'` + "\u202e\x00\x1b[31m\u200b\n" + "Z" + strings.Repeat("\u0301", 50)
	name := `"><script>alert(1)</script>`
	s := add(t, h, name, plugin.Metadata{Name: evil, Version: evil, Description: evil + strings.Repeat("long ", 100_000)})
	r := try(t, s, 'b')
	page := newPage(t, h, admin.Config{Title: "<b>title</b>"})
	w, body := send(t, page, "POST", "/act", bearer(token), url.Values{"slot": {name}, "do": {"rollback"}, "revision": {r.Digest().Short()}, "reason": {evil}})
	if w.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s", w.Status, body)
	}
	try(t, s, 'c')
	if err := s.Rollback(t.Context(), evil+strings.Repeat("long ", 1000)); err != nil { // by what the page does not see
		t.Fatal(err)
	}
	for _, target := range []string{"/", "/slot?name=" + url.QueryEscape(name), "/status.json", "/login"} {
		w, body := send(t, page, "GET", target, bearer(token), nil)
		if w.StatusCode != 200 || len(body) > 30_000 {
			t.Errorf("%s: %s, %d bytes", target, w.Status, len(body))
		}
		for _, bad := range []string{"<script src=//", "<script>alert", "<img", "<b>title", "onerror=alert(1)>", strings.Repeat("\u0301", 3)} {
			if strings.Contains(body, bad) {
				t.Errorf("%s has %q", target, bad)
			}
		}
		if i := strings.IndexFunc(body, func(r rune) bool { return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) }); i >= 0 {
			t.Errorf("%s has %q", target, body[i:min(i+10, len(body))])
		}
	}
	if _, body := send(t, page, "GET", "/slot?name="+url.QueryEscape(name), bearer(token), nil); !strings.Contains(body, "&lt;script src=//evil.example&gt;") {
		t.Error("the page does not have the text at all")
	}
	got := decode(t, page, name)
	if arm := got["arms"].([]any)[0].(map[string]any); !strings.HasPrefix(arm["name"].(string), "</q><script") || len([]rune(arm["description"].(string))) > 301 {
		t.Errorf("JSON has %q", arm["name"])
	}
	w, body = send(t, page, "POST", "/act", header(own, login(t, page)), url.Values{"slot": {name}, "do": {"promote"}, "revision": {"<img>"}})
	if w.StatusCode != http.StatusConflict || strings.Contains(body, "<img>") {
		t.Errorf("refused: %s\n%s", w.Status, body)
	}
}

// TestShown holds the page and its JSON against what the host says.
func TestShown(t *testing.T) {
	h := newHost(t)
	s := add(t, h, "data", plugin.Metadata{Name: "processor", Version: "1.2.3"})
	page := newPage(t, h, admin.Config{})
	for range 3 {
		_ = trap(t, s) // which this plugin takes for an input as any other
	}
	r := try(t, s, 'b')
	broken := s.Status().Stable.Digest
	if _, err := s.Load(t.Context(), source(t, "broken/other", 'a')); err == nil {
		t.Fatal("loaded what is broken")
	}
	st := s.Status()
	_, body := send(t, page, "GET", "/slot?name=data", bearer(token), nil)
	want := []string{
		"processor", "1.2.3", "/srv/secret/c/data-processor.wasm", broken.Short(), broken.String(), r.Digest().Short(), r.Digest().String(),
		"stable <span class=\"share\">75%</span>", "canary <span class=\"share\">25%</span>", "Step 1 of its ramp", "Hold at 25%", "Promote to all calls",
		"failed at check", st.Quarantine[0].Digest.String(), "stage failed", "canary at 25%", "refresh.js", "Pause",
	}
	for _, want := range want {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in the page", want)
		}
	}
	if !strings.Contains(body, `<bdi>witgen:plugins/host-api.log-message</bdi></th><td>3</td>`) {
		t.Error("no calls of host functions in the page")
	}
	got := decode(t, page, "data")
	functions := got["host_calls"].([]any)
	if first := functions[0].(map[string]any); first["calls"] != 3.0 || first["failed"] != 0.0 || len(functions) > 10 {
		t.Errorf("calls of host functions: %v", functions)
	}
	arms := got["arms"].([]any)
	stable, canary := arms[0].(map[string]any), arms[1].(map[string]any)
	if stable["share"] != 0.75 || canary["share"] != 0.25 || stable["digest"] != broken.String() || canary["arm"] != "canary" || got["step"] != 1.0 || got["ready"] != true {
		t.Errorf("JSON: %v", got)
	}
	var calls float64
	for _, n := range stable["outcomes"].(map[string]any) {
		calls += n.(float64)
	}
	if calls != 3 || stable["p99"].(float64) <= 0 || stable["p50"].(float64) > stable["p99"].(float64) {
		t.Errorf("%v calls, p50 %v, p99 %v", calls, stable["p50"], stable["p99"])
	}
	if q := got["quarantine"].([]any); len(q) != 1 || q[0].(map[string]any)["stage"] != "check" {
		t.Errorf("quarantine %v", q)
	}
	if _, body := send(t, page, "GET", "/slot?name=data&refresh=off", bearer(token), nil); strings.Contains(body, "refresh.js") || !strings.Contains(body, "Paused") {
		t.Error("not paused")
	}
	if _, body := send(t, page, "GET", "/", bearer(token), nil); !strings.Contains(body, "slot?name=data") || strings.Contains(body, fmt.Sprintf("%v", broken)) {
		t.Error("the list of slots is not what it should be")
	}
}

// slow is a file system whose files are there when a channel is closed.
type slow chan struct{}

func (s slow) Open(string) (fs.File, error) {
	<-s
	return nil, fs.ErrNotExist
}

// TestLoading shows what is on its way.
func TestLoading(t *testing.T) {
	h := newHost(t)
	s := add(t, h, "data", plugin.Metadata{})
	page := newPage(t, h, admin.Config{})
	files, loaded := make(slow), make(chan error)
	go func() {
		_, err := s.Load(t.Context(), plugin.FS(files, "<next>.wasm"))
		loaded <- err
	}()
	for begin := time.Now(); s.Status().Loading == nil; time.Sleep(time.Millisecond) {
		if time.Since(begin) > 10*time.Second {
			t.Fatal("nothing is loaded")
		}
	}
	if _, body := send(t, page, "GET", "/slot?name=data", bearer(token), nil); !strings.Contains(body, "Loading <bdi>&lt;next&gt;.wasm</bdi>: settle began ") {
		t.Errorf("the page does not show it: %s", body)
	}
	if l, _ := decode(t, page, "data")["loading"].(map[string]any); l["stage"] != "settle" || l["source"] != "<next>.wasm" {
		t.Errorf("JSON has %v", l)
	}
	close(files)
	if err := <-loaded; err == nil {
		t.Error("loaded what is not there")
	}
	if got := decode(t, page, "data")["loading"]; got != nil {
		t.Errorf("JSON still has %v", got)
	}
}

// TestBelow serves the page somewhere below, where all its addresses still work.
func TestBelow(t *testing.T) {
	h := newHost(t)
	add(t, h, "data", plugin.Metadata{})
	mux := http.NewServeMux()
	mux.Handle("/ops/plugins/", http.StripPrefix("/ops/plugins", newPage(t, h, admin.Config{})))
	w, body := send(t, mux, "GET", "/ops/plugins/slot?name=data", bearer(token), nil)
	if w.StatusCode != 200 {
		t.Fatalf("%s\n%s", w.Status, body)
	}
	for _, attr := range []string{"href", "src", "action"} {
		for rest := body; ; {
			_, after, ok := strings.Cut(rest, " "+attr+`="`)
			if !ok {
				break
			}
			to, _, _ := strings.Cut(after, `"`)
			if strings.HasPrefix(to, "/") || strings.Contains(to, "//") {
				t.Errorf("%s to %q", attr, to)
			}
			rest = after
		}
	}
	if w, _ := send(t, mux, "GET", "/ops/plugins/", nil, nil); w.Header.Get("Location") != "login" {
		t.Errorf("sent to %q", w.Header.Get("Location"))
	}
}
