package browser

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/witgen/witgen/golden/plugins/hostapi"
	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/admin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

var screenshots = flag.String("screenshots", "", "directory to put pictures of the page in")

const token = "correct-horse-battery-staple"

// chromium is a browser, started when the first test wants one, with a profile
// of its own.
var chromium = sync.OnceValues(func() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is no Chromium: on Debian, apt-get install chromium")
})

// tab is a tab of a browser, and what went wrong in it.
type tab struct {
	context.Context
	t *testing.T

	mu       sync.Mutex
	errors   []string
	requests []string
}

// open starts a browser with an empty profile.
func open(t *testing.T) *tab {
	t.Helper()
	path, err := chromium()
	if err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, _ = chromedp.NewContext(ctx)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Error(err)
		}
	})
	b := &tab{Context: ctx, t: t}
	if err := chromedp.Listen(ctx, b.happened); err != nil {
		t.Fatal(err)
	}
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	call(b, runtime.Enable, cdp.Empty{})
	return b
}

// happened keeps what the browser tells of.
func (b *tab) happened(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *log.EventEntryAdded:
		b.errors = append(b.errors, fmt.Sprintf("%s: %s (%s)", e.Entry.Level, e.Entry.Text, e.Entry.URL))
	case *runtime.EventConsoleAPICalled:
		b.errors = append(b.errors, "console."+string(e.Type))
	case *page.EventJavascriptDialogOpening:
		b.errors = append(b.errors, "dialog: "+e.Message)
	case *runtime.EventExceptionThrown:
		b.errors = append(b.errors, e.ExceptionDetails.Text+" in "+e.ExceptionDetails.URL)
	}
}

// expect waits for the browser to complain of something that is to be, once.
func (b *tab) expect(text string) {
	b.t.Helper()
	for begin := time.Now(); time.Since(begin) < 5*time.Second; time.Sleep(10 * time.Millisecond) {
		b.mu.Lock()
		i := slices.IndexFunc(b.errors, func(e string) bool { return strings.Contains(e, text) })
		if i >= 0 {
			b.errors = slices.Delete(b.errors, i, i+1)
		}
		b.mu.Unlock()
		if i >= 0 {
			return
		}
	}
	b.t.Errorf("the browser does not complain of %s", text)
}

// check holds the tab to what it asked for being from one place, and nothing
// having gone wrong.
func (b *tab) check(place string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.errors) > 0 {
		b.t.Errorf("the browser complains:\n%s", strings.Join(b.errors, "\n"))
	}
	if len(b.requests) == 0 {
		b.t.Error("no requests were seen")
	}
	for _, to := range b.requests {
		if !strings.HasPrefix(to, place) {
			b.t.Errorf("asked for %s", to)
		}
	}
}

func (b *tab) run(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// ask runs something that has an answer.
func ask[T any](b *tab, action chromedp.Action[T]) T {
	b.t.Helper()
	answer, err := chromedp.Run(b, action)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer
}

// call gives the browser a command of its protocol.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	answer, err := chromedp.Call(b, command, params)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer
}

// click clicks a button or a link and waits for the page that comes of it.
func (b *tab) click(text string) {
	b.t.Helper()
	query := fmt.Sprintf(`//main//*[self::a or self::button][contains(normalize-space(.), %q)]`, text)
	if _, err := chromedp.RunResponse(b, chromedp.Click(chromedp.Search(query))); err != nil {
		b.t.Fatalf("click %q: %v", text, err)
	}
}

// text returns what is to be read on the page.
func (b *tab) text() string {
	b.t.Helper()
	return evaluate[string](b, `document.querySelector("main").innerText`)
}

// wait waits for text on the page.
func (b *tab) wait(text string) {
	b.t.Helper()
	for begin := time.Now(); time.Since(begin) < 20*time.Second; time.Sleep(50 * time.Millisecond) {
		if strings.Contains(b.text(), text) {
			return
		}
	}
	b.t.Fatalf("no %q on the page:\n%s", text, b.text())
}

// evaluate returns the value of an expression.
func evaluate[T any](b *tab, expression string) T {
	b.t.Helper()
	return ask(b, chromedp.Evaluate[T](expression))
}

// picture takes a picture of the whole page, if somebody wants it, and holds it
// to its width.
func (b *tab) picture(name string) {
	b.t.Helper()
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"desktop", 1280, 800}, {"phone", 360, 740}} {
		b.run(chromedp.EmulateViewport(size.width, size.height))
		if wide := evaluate[int64](b, "document.documentElement.scrollWidth"); wide > size.width {
			b.t.Errorf("%s is %d wide on a %s of %d", name, wide, size.name, size.width)
		}
		if *screenshots == "" {
			continue
		}
		png := ask(b, chromedp.FullScreenshot(100))
		if err := os.WriteFile(filepath.Join(*screenshots, name+"-"+size.name+".png"), png, 0o600); err != nil {
			b.t.Error(err)
		}
	}
	b.run(chromedp.EmulateViewport(1280, 800))
	if *screenshots != "" {
		b.dark(name)
	}
	b.named(name)
}

// dark takes a picture of the page as it is for those who want it dark.
func (b *tab) dark(name string) {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
	png := ask(b, chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(*screenshots, name+"-dark.png"), png, 0o600); err != nil {
		b.t.Error(err)
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
}

// named holds everything that can be used to a name that can be read aloud.
func (b *tab) named(page string) {
	b.t.Helper()
	used := 0
	for _, n := range call(b, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{}).Nodes {
		if n.Role == nil || n.Ignored {
			continue
		}
		switch role := strings.Trim(string(n.Role.Value), `"`); role {
		case "button", "link", "textbox", "DisclosureTriangle", "meter":
			used++
			if n.Name == nil || strings.Trim(string(n.Name.Value), `" `) == "" {
				b.t.Errorf("%s: a %s has no name", page, role)
			}
		}
	}
	if used == 0 {
		b.t.Errorf("%s: nothing to use", page)
	}
}

// host is what the plugins of these tests import.
type host struct{ hostapi.UnimplementedHostAPI }

func (host) LogMessage(context.Context, string, string) error { return nil }
func (host) EmitEvent(context.Context, string, string) error  { return nil }

// source is a component that does the same for each n, as another revision.
func source(t testing.TB, name string, n byte) plugin.Source {
	t.Helper()
	wasm, err := os.ReadFile(guests.Plugin(name))
	if err != nil {
		t.Fatal(err)
	}
	return plugin.Bytes("plugins/"+name+".wasm", append(wasm, 0, 2, 1, n))
}

// serve serves the page of a host with two plugins somewhere below. One of them
// says of itself what it should not.
func serve(t *testing.T) (*plugin.Slot[*api.Plugin], *httptest.Server) {
	t.Helper()
	h, err := plugin.New(t.Context(), plugin.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close(context.Background()) })
	var slots []*plugin.Slot[*api.Plugin]
	for name, m := range map[string]plugin.Metadata{
		"data":                          {Name: "data-processor", Version: "1.4.0", Description: "Counts what it is given."},
		`<img src=x onerror=alert(1)>"`: {Name: `</bdi><script>alert(1)</script>`, Version: "\u202e1", Description: strings.Repeat("longwordwithoutspaces", 100)},
	} {
		w := plugin.Of(api.Prepare, func() api.Imports { return api.Imports{HostAPI: host{}} })
		w.Metadata = func(context.Context, *api.Plugin) (plugin.Metadata, error) { return m, nil }
		limits, _ := policy.Profile(policy.Restricted)
		limits.Deadline = policy.Duration(5 * time.Second)
		s, err := plugin.Add(t.Context(), h, name, w, plugin.Options{Policy: &policy.Policy{Reuse: policy.Pooled, Limits: limits}, Source: source(t, "c/data-processor", 'a')})
		if err != nil {
			t.Fatal(err)
		}
		slots = append(slots, s)
	}
	slices.SortFunc(slots, func(a, b *plugin.Slot[*api.Plugin]) int { return strings.Compare(b.Name(), a.Name()) })
	ops, err := admin.NewHandler(h, admin.Config{Token: token, Title: "Plugins of a test", Refresh: time.Second, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/ops/", http.StripPrefix("/ops", ops))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return slots[0], server
}

// try tries another revision out, with calls of both.
func try(t *testing.T, s *plugin.Slot[*api.Plugin], n byte) plugin.Digest {
	t.Helper()
	r, err := s.Stage(t.Context(), source(t, "c/data-processor", n))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Canary(r, plugin.Ramp{Steps: []float64{0.25, 1}, Window: time.Hour}); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		err := s.Do(t.Context(), func(ctx context.Context, p *api.Plugin) error {
			_, err := p.PluginAPI.Process(ctx, pluginapi.ProcessRequest{Input: "gopher"})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return r.Digest()
}

// login shows the token.
func (b *tab) login(server *httptest.Server) {
	b.t.Helper()
	b.run(chromedp.Navigate(server.URL + "/ops/"))
	b.picture("login")
	b.run(chromedp.SendKeys(chromedp.CSS("#token"), "wrong"))
	b.click("Log in")
	b.wait("This is not the token")
	b.expect("status of 401")
	b.run(chromedp.SendKeys(chromedp.CSS("#token"), token))
	b.click("Log in")
	b.wait("data")
}

// TestButtons clicks through what an operator does, with scripts and without.
func TestButtons(t *testing.T) {
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %v", scripts), func(t *testing.T) {
			b := open(t)
			s, server := serve(t)
			first, second := s.Status().Stable.Digest, try(t, s, 'b')
			call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts})
			b.login(server)
			b.picture("slots")
			b.click("data")
			b.wait("Hold at 25%")
			b.picture("canary")
			b.click("Hold at 25%")
			b.wait("held")
			if !s.Status().Held {
				t.Error("not held")
			}
			b.click("Promote to all calls")
			b.wait("Roll back to " + first.Short())
			if st := s.Status(); st.Stable.Digest != second || st.Canary != nil {
				t.Errorf("promoted: %+v", st)
			}
			b.run(chromedp.SendKeys(chromedp.CSS("#reason"), `it was "slow" & <b>bad</b>`))
			b.click("Roll back to")
			b.wait(`it was "slow" & <b>bad</b>`)
			if st := s.Status(); st.Stable.Digest != first || len(st.Quarantine) != 1 || st.Quarantine[0].Digest != second {
				t.Errorf("rolled back: %+v", st)
			}
			b.picture("quarantine")
			third := try(t, s, 'c')
			b.run(chromedp.Reload())
			b.click("Roll back the canary")
			b.wait("failed at swap")
			if st := s.Status(); st.Canary != nil || len(st.Quarantine) != 2 || !slices.ContainsFunc(st.Quarantine, func(q plugin.Quarantine) bool { return q.Digest == third }) {
				t.Errorf("rolled the canary back: %+v", st)
			}
			b.run(chromedp.Navigate(server.URL + "/ops/"))
			b.click("<img src=x onerror=alert(1)>")
			b.wait("</bdi><script>alert(1)</script>")
			b.picture("hostile")
			b.check(server.URL + "/ops/")
		})
	}
}

// TestRefresh has the page show what happens by itself, but for what is in use.
func TestRefresh(t *testing.T) {
	b := open(t)
	s, server := serve(t)
	b.login(server)
	b.click("data")
	b.run(chromedp.Click(chromedp.CSS("#digest-stable summary")))
	b.wait(s.Status().Stable.Digest.String())
	evaluate[bool](b, "window.same = true")
	second := try(t, s, 'b')
	b.wait("Hold at 25%")
	if !evaluate[bool](b, `window.same && document.querySelector("#digest-stable").open && document.activeElement.localName === "summary"`) {
		t.Error("what was open is not, or has lost the focus")
	}
	b.run(chromedp.SendKeys(chromedp.CSS("#reason"), "half a rea"))
	if err := s.Rollback(t.Context(), "by somebody else"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2500 * time.Millisecond)
	if got := evaluate[string](b, `document.querySelector("#reason").value`); got != "half a rea" {
		t.Errorf("typed text became %q", got)
	}
	b.click("Promote to all calls")
	b.wait("this was for another revision")
	if got := s.Status().Stable.Digest; got == second {
		t.Errorf("promoted %v", got)
	}
	b.expect("status of 409")
	b.click("All plugins")
	b.click("Pause")
	b.wait("Paused")
	b.check(server.URL + "/ops/")
}

// TestElsewhere has a page from elsewhere send a form in the name of an operator
// who has logged in: from the same site, of which the browser sends the cookie, and
// from another one.
func TestElsewhere(t *testing.T) {
	b := open(t)
	s, server := serve(t)
	second := try(t, s, 'b')
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<main><form method="post" action="%s/ops/act"><input name="slot" value="data"><input name="do" value="promote"><input name="revision" value="%s"><button>You won</button></form></main>`, server.URL, second.Short())
	}))
	defer evil.Close()
	b.login(server)
	for _, tt := range []struct{ name, from, want string }{
		{"same site", evil.URL, "the request does not come from this page"},
		{"another site", strings.Replace(evil.URL, "127.0.0.1", "localhost", 1), "this needs the token"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b.run(chromedp.Navigate(tt.from))
			b.click("You won")
			b.wait(tt.want)
			if st := s.Status(); st.Canary == nil {
				t.Errorf("promoted: %+v", st)
			}
		})
	}
	b.run(chromedp.Navigate(server.URL + "/ops/slot?name=data"))
	b.click("Promote to all calls")
	b.wait("promoted")
	if st := s.Status(); st.Stable.Digest != second {
		t.Errorf("the form would not have worked anyway: %+v", st)
	}
}
