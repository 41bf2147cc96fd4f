package main

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/witgen/witgen/internal/guests"
)

// witgen runs the command, which must succeed.
func witgen(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(args, &stdout, &stderr); code != exitOK {
		t.Fatalf("witgen %s: exit code %d\n%s", strings.Join(args, " "), code, &stderr)
	}
	return stdout.String()
}

// TestComponent takes plugins in several languages, all of one contract, for
// the WIT that they come from.
func TestComponent(t *testing.T) {
	const want = `package root:component;

world root {
  import witgen:plugins/host-api@0.1.0;

  export witgen:plugins/plugin-api@0.1.0;
}

package witgen:plugins@0.1.0 {
  interface host-api {
    log-message: func(level: string, message: string) -> result<_, string>;
`
	for _, guest := range []string{"c", "go", "rust"} {
		text := witgen(t, "wit", guests.Plugin(guest+"/data-processor"))
		if !strings.HasPrefix(text, want) {
			t.Errorf("%s: got\n%s\nwant it to begin with\n%s", guest, text, want)
		}
	}
	files := func(args ...string) map[string]string {
		out := make(map[string]string)
		for _, f := range txtar.Parse([]byte(witgen(t, args...))).Files {
			out[f.Name] = string(f.Data)
		}
		return out
	}
	fromComponent := files("generate", guests.Plugin("c/data-processor"), "--stdout", "--package-root", "example.com/api/witgen/plugins")
	fromText := files("generate", "../../golden/plugins/wit", "--stdout", "--package-root", "example.com/api")
	if len(fromComponent) != len(fromText) {
		t.Errorf("%d files, want as many as from text: %d", len(fromComponent), len(fromText))
	}
	// Documentation and where the interfaces stand is all that differs.
	for _, want := range []string{"type PluginAPI interface {", "Process(ctx context.Context, req ProcessRequest) (ProcessResponse, error)"} {
		for _, all := range []map[string]string{fromComponent, fromText} {
			found := false
			for _, content := range all {
				found = found || strings.Contains(content, want)
			}
			if !found {
				t.Errorf("nothing generated contains %q", want)
			}
		}
	}
}
