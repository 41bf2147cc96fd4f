package admin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/golden/plugins/hostapi"
	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/admin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

const token = "correct-horse-battery-staple"

// own is a header that browsers send with forms of the page itself.
var own = http.Header{"Sec-Fetch-Site": {"same-origin"}}

// source is a component that does the same for each n, as another revision.
func source(t testing.TB, name string, n byte) plugin.Source {
	t.Helper()
	wasm, err := os.ReadFile(guests.Plugin(name))
	if err != nil {
		t.Fatal(err)
	}
	return plugin.Bytes("/srv/secret/"+name+".wasm", append(wasm, 0, 2, 1, n))
}

// host is what the plugins of these tests import.
type host struct{ hostapi.UnimplementedHostAPI }

func (host) LogMessage(context.Context, string, string) error { return nil }
func (host) EmitEvent(context.Context, string, string) error  { return nil }

// add makes a slot whose plugin says of itself what a test wants.
func add(t testing.TB, h *plugin.Host, name string, m plugin.Metadata) *plugin.Slot[*api.Plugin] {
	t.Helper()
	w := plugin.Of(api.Prepare, func() api.Imports { return api.Imports{HostAPI: host{}} })
	w.Metadata = func(context.Context, *api.Plugin) (plugin.Metadata, error) { return m, nil }
	limits, _ := policy.Profile(policy.Restricted)
	limits.Deadline = policy.Duration(5 * time.Second)
	s, err := plugin.Add(t.Context(), h, name, w, plugin.Options{Policy: &policy.Policy{Reuse: policy.Pooled, Limits: limits}, Source: source(t, "c/data-processor", 'a')})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// try stages the n-th revision and has it serve some calls.
func try(t testing.TB, s *plugin.Slot[*api.Plugin], n byte) *plugin.Revision {
	t.Helper()
	r, err := s.Stage(t.Context(), source(t, "c/data-processor", n))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Canary(r, plugin.Ramp{Steps: []float64{0.25, 1}, Window: time.Hour}); err != nil {
		t.Fatal(err)
	}
	return r
}

func newHost(t testing.TB) *plugin.Host {
	t.Helper()
	h, err := plugin.New(t.Context(), plugin.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return h
}

func newPage(t testing.TB, h *plugin.Host, c admin.Config) *admin.Handler {
	t.Helper()
	if c.Token == "" {
		c.Token = token
	}
	c.Logger = slog.New(slog.DiscardHandler)
	page, err := admin.NewHandler(h, c)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// send sends a request, a form if there is one, and returns the answer and its
// body.
func send(t testing.TB, page http.Handler, method, target string, header http.Header, form url.Values) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	for name, values := range header {
		r.Header[name] = values
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	page.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Result(), string(body)
}

// header returns headers together.
func header(all ...http.Header) http.Header {
	h := http.Header{}
	for _, one := range all {
		for name, values := range one {
			h[name] = values
		}
	}
	return h
}

func bearer(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }

// login returns the header of a browser that has logged in.
func login(t testing.TB, page http.Handler) http.Header {
	t.Helper()
	w, body := send(t, page, "POST", "/login", own, url.Values{"token": {token}})
	if w.StatusCode != http.StatusSeeOther || len(w.Cookies()) != 1 {
		t.Fatalf("login: %s, cookies %v\n%s", w.Status, w.Cookies(), body)
	}
	return http.Header{"Cookie": {w.Cookies()[0].Name + "=" + w.Cookies()[0].Value}}
}

func TestConfig(t *testing.T) {
	h := newHost(t)
	for _, tt := range []struct {
		name string
		c    admin.Config
		want string
	}{
		{"no token", admin.Config{}, "a token of 0 bytes"},
		{"short", admin.Config{Token: "fifteen bytes.."}, "a token of 15 bytes"},
		{"origin", admin.Config{Token: token, Origins: []string{"ops.example.com"}}, `origin "ops.example.com"`},
		{"good", admin.Config{Token: "sixteen bytes..!", Origins: []string{"https://ops.example.com"}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := admin.NewHandler(h, tt.c)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestAddresses asks for every address by every method, with and without the
// token. Without it no answer says anything of the host.
func TestAddresses(t *testing.T) {
	h := newHost(t)
	add(t, h, "data", plugin.Metadata{Name: "processor"})
	page := newPage(t, h, admin.Config{})
	cookie := login(t, page)
	for _, tt := range []struct {
		method, target     string
		nobody, user, prog int // status without the token, with the cookie, with the header
	}{
		{"GET", "/", 303, 200, 200},
		{"HEAD", "/", 303, 200, 200},
		{"GET", "/?refresh=off", 303, 200, 200},
		{"GET", "/slot?name=data", 303, 200, 200},
		{"GET", "/slot?name=none", 303, 404, 404},
		{"GET", "/status.json", 401, 200, 200},
		{"GET", "/status.json?name=data", 401, 200, 200},
		{"GET", "/status.json?name=none", 401, 404, 404},
		{"GET", "/login", 200, 303, 200},
		{"GET", "/healthz", 200, 200, 200},
		{"GET", "/readyz", 200, 200, 200},
		{"GET", "/style.css", 200, 200, 200},
		{"GET", "/refresh.js", 200, 200, 200},
		{"GET", "/icon.svg", 200, 200, 200},
		{"GET", "/none", 404, 404, 404},
		{"GET", "/page.html", 404, 404, 404},
		{"GET", "/act?slot=data&do=retry", 405, 405, 405},
		{"GET", "/logout", 405, 405, 405},
		{"POST", "/", 405, 405, 405},
		{"POST", "/status.json", 405, 405, 405},
		{"PUT", "/act", 405, 405, 405},
		{"DELETE", "/slot?name=data", 405, 405, 405},
		{"POST", "/act", 401, 404, 404},
		{"POST", "/logout", 401, 303, 303},
	} {
		for who, want := range map[string]int{"nobody": tt.nobody, "user": tt.user, "program": tt.prog} {
			t.Run(tt.method+" "+tt.target+" by "+who, func(t *testing.T) {
				with := own
				switch who {
				case "user":
					with = header(own, cookie)
				case "program":
					with = bearer(token)
				}
				w, body := send(t, page, tt.method, tt.target, with, nil)
				if w.StatusCode != want {
					t.Errorf("got %d, want %d\n%s", w.StatusCode, want, body)
				}
				csp := w.Header.Get("Content-Security-Policy")
				if !strings.HasPrefix(csp, "default-src 'none';") || strings.Contains(csp, "unsafe") || w.Header.Get("X-Content-Type-Options") != "nosniff" {
					t.Errorf("headers %v", w.Header)
				}
				if who == "nobody" && (strings.Contains(body, "secret") || strings.Contains(body, "data-processor") || strings.Contains(body, h.List()[0].Status().Stable.Digest.Short())) {
					t.Errorf("told to nobody: %s", body)
				}
				if to := w.Header.Get("Location"); strings.HasPrefix(to, "/") {
					t.Errorf("to %q, which depends on where the page is", to)
				}
			})
		}
	}
}

// TestToken holds the ways of having the token, and of not having it.
func TestToken(t *testing.T) {
	page := newPage(t, newHost(t), admin.Config{})
	good := login(t, page).Get("Cookie")
	name, value, _ := strings.Cut(good, "=")
	other := newPage(t, newHost(t), admin.Config{Token: "another token of somebody's"})
	for _, tt := range []struct {
		name   string
		header http.Header
		want   int
	}{
		{"none", nil, 401},
		{"bearer", bearer(token), 200},
		{"in lower case", http.Header{"Authorization": {"bearer " + token}}, 200},
		{"wrong", bearer("wrong"), 401},
		{"longer", bearer(token + "x"), 401},
		{"shorter", bearer(token[1:]), 401},
		{"empty", bearer(""), 401},
		{"no scheme", http.Header{"Authorization": {token}}, 401},
		{"basic", http.Header{"Authorization": {"Basic " + token}}, 401},
		{"cookie", http.Header{"Cookie": {good}}, 200},
		{"cookie beside one that is wrong", http.Header{"Cookie": {name + "=x; " + good}}, 200},
		{"the token as cookie", http.Header{"Cookie": {name + "=" + token}}, 401},
		{"cut cookie", http.Header{"Cookie": {good[:len(good)-1]}}, 401},
		{"cookie with a later end", http.Header{"Cookie": {name + "=B" + value[1:]}}, 401},
		{"empty cookie", http.Header{"Cookie": {name + "="}}, 401},
		{"another name", http.Header{"Cookie": {"x=" + value}}, 401},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if w, body := send(t, page, "GET", "/status.json", tt.header, nil); w.StatusCode != tt.want {
				t.Errorf("got %d, want %d\n%s", w.StatusCode, tt.want, body)
			}
			if w, _ := send(t, other, "GET", "/status.json", tt.header, nil); w.StatusCode != 401 {
				t.Errorf("with another token: %d", w.StatusCode)
			}
		})
	}
	w, body := send(t, page, "POST", "/login", own, url.Values{"token": {"wrong"}})
	if w.StatusCode != 401 || len(w.Cookies()) != 0 || !strings.Contains(body, "not the token") {
		t.Errorf("wrong token: %s, %v", w.Status, w.Cookies())
	}
	if w, _ := send(t, page, "POST", "/login?token="+token, own, url.Values{}); w.StatusCode != 401 {
		t.Errorf("token in the address: %s", w.Status)
	}
	w, _ = send(t, page, "POST", "/login", own, url.Values{"token": {token}})
	if c := w.Cookies()[0]; !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || c.Domain != "" || c.Path != "" || strings.Contains(c.Value, token) {
		t.Errorf("cookie %v", c)
	}
	w, _ = send(t, page, "POST", "/logout", header(own, http.Header{"Cookie": {good}}), nil)
	if c := w.Cookies(); len(c) != 1 || c[0].MaxAge >= 0 || c[0].Value != "" {
		t.Errorf("logged out with %v", c)
	}
	plain := newPage(t, newHost(t), admin.Config{Insecure: true})
	if w, _ := send(t, plain, "POST", "/login", own, url.Values{"token": {token}}); w.Cookies()[0].Secure {
		t.Error("secure though it is not to be")
	}
}

// TestOrigin has pages from elsewhere try to change something.
func TestOrigin(t *testing.T) {
	h := newHost(t)
	s := add(t, h, "data", plugin.Metadata{})
	r := try(t, s, 'b')
	page := newPage(t, h, admin.Config{Origins: []string{"https://ops.example.com"}})
	cookie := login(t, page)
	for _, tt := range []struct {
		name         string
		header       http.Header
		cookie, prog bool // whether it may
	}{
		{"says nothing", nil, false, true},
		{"same origin", http.Header{"Sec-Fetch-Site": {"same-origin"}}, true, true},
		{"same site", http.Header{"Sec-Fetch-Site": {"same-site"}}, false, false},
		{"cross site", http.Header{"Sec-Fetch-Site": {"cross-site"}}, false, false},
		{"cross site, own origin", http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"http://example.com"}}, false, false},
		{"origin", http.Header{"Origin": {"http://example.com"}}, true, true},
		{"another origin", http.Header{"Origin": {"https://evil.example"}}, false, false},
		{"another port", http.Header{"Origin": {"http://example.com:8080"}}, false, false},
		{"below", http.Header{"Origin": {"http://example.com.evil.example"}}, false, false},
		{"null", http.Header{"Origin": {"null"}}, false, false},
		{"empty", http.Header{"Origin": {""}}, false, true},
		{"behind a proxy", http.Header{"Origin": {"https://ops.example.com"}}, true, true},
	} {
		for who, with := range map[string]http.Header{"cookie": cookie, "bearer": bearer(token)} {
			t.Run(tt.name+", "+who, func(t *testing.T) {
				may := tt.cookie
				if who == "bearer" {
					may = tt.prog
				}
				held := !s.Status().Held
				do := map[bool]string{true: "hold", false: "resume"}[held]
				form := url.Values{"slot": {"data"}, "do": {do}, "revision": {r.Digest().Short()}}
				w, body := send(t, page, "POST", "/act", header(with, tt.header), form)
				if did := s.Status().Held == held; did != may || !may && w.StatusCode != http.StatusForbidden {
					t.Errorf("did %v, want %v: %s\n%s", did, may, w.Status, body)
				}
			})
		}
		t.Run(tt.name+", login", func(t *testing.T) {
			w, _ := send(t, page, "POST", "/login", tt.header, url.Values{"token": {token}})
			if did := len(w.Cookies()) == 1; did != tt.cookie {
				t.Errorf("logged in %v, want %v: %s", did, tt.cookie, w.Status)
			}
		})
	}
}

// TestReady says who serves to whoever asks, and why not to who has the token.
func TestReady(t *testing.T) {
	h := newHost(t)
	s := add(t, h, "data", plugin.Metadata{})
	page := newPage(t, h, admin.Config{})
	if w, body := send(t, page, "GET", "/readyz", nil, nil); w.StatusCode != 200 || body != "ready\n" {
		t.Errorf("%s %q", w.Status, body)
	}
	if _, err := s.Load(t.Context(), source(t, "broken/hostile", 'a')); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		_ = trap(t, s)
	}
	if w, body := send(t, page, "GET", "/readyz", nil, nil); w.StatusCode != 503 || body != "not ready\n" {
		t.Errorf("%s %q", w.Status, body)
	}
	if w, body := send(t, page, "GET", "/readyz", bearer(token), nil); w.StatusCode != 503 || !strings.Contains(body, "plugin data: unavailable") {
		t.Errorf("%s %q", w.Status, body)
	}
	_, body := send(t, page, "GET", "/slot?name=data", bearer(token), nil)
	for _, want := range []string{"not ready", ">open</span>", "trap 5", "next probe at"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in the page", want)
		}
	}
	if w, _ := send(t, page, "GET", "/healthz", nil, nil); w.StatusCode != 200 {
		t.Errorf("not alive: %s", w.Status)
	}
}

// decode reads a slot of status.json.
func decode(t testing.TB, page http.Handler, name string) (s map[string]any) {
	t.Helper()
	w, body := send(t, page, "GET", "/status.json?name="+url.QueryEscape(name), bearer(token), nil)
	if err := json.Unmarshal([]byte(body), &s); err != nil || w.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%v: %s", err, body)
	}
	return s
}

// TestGuesses has somebody guess the token, by the form and by the header.
func TestGuesses(t *testing.T) {
	page := newPage(t, newHost(t), admin.Config{Peer: func(r *http.Request) string { return r.Header.Get("X-From") }})
	cookie := login(t, page)
	from := http.Header{"X-From": {"elsewhere"}}
	for _, tt := range []struct {
		name  string
		guess func(token string) (*http.Response, string)
	}{
		{"form", func(token string) (*http.Response, string) {
			return send(t, page, "POST", "/login", header(own, from), url.Values{"token": {token}})
		}},
		{"header", func(token string) (*http.Response, string) {
			return send(t, page, "GET", "/status.json", header(bearer(token), from), nil)
		}},
		{"header of a change", func(token string) (*http.Response, string) {
			return send(t, page, "POST", "/act", header(bearer(token), from), url.Values{})
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			from.Set("X-From", tt.name)
			n := 0
			for ; n < 1000; n++ {
				w, body := tt.guess("wrong")
				if w.StatusCode == 429 {
					at, err := strconv.Atoi(w.Header.Get("Retry-After"))
					if err != nil || at < 1 || at > 6 || !strings.Contains(body, fmt.Sprintf("try again in %d s", at)) {
						t.Errorf("after %v s: %s", w.Header, body)
					}
					break
				}
				if w.StatusCode != 401 || w.Header.Get("Retry-After") != "" {
					t.Fatalf("guess %d: %s\n%s", n, w.Status, body)
				}
			}
			if n < 10 || n == 1000 {
				t.Errorf("%d guesses before one had to wait", n)
			}
			if w, _ := send(t, page, "GET", "/", header(cookie, from), nil); w.StatusCode != 200 {
				t.Errorf("a session ended: %s", w.Status)
			}
			if w, _ := send(t, page, "GET", "/status.json", header(cookie, bearer("wrong"), from), nil); w.StatusCode != 200 {
				t.Errorf("a session ended: %s", w.Status)
			}
			if w, _ := send(t, page, "GET", "/healthz", from, nil); w.StatusCode != 200 {
				t.Errorf("not alive: %s", w.Status)
			}
		})
	}
	if w, _ := send(t, page, "GET", "/status.json", bearer(token), nil); w.StatusCode != 200 {
		t.Errorf("others have to wait: %s", w.Status)
	}
}
