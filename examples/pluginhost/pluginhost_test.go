package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
)

// TestDemo runs the script: it fails where something is not as it should be. What
// the README shows of it is what it says. Compiling takes long under the race
// detector.
func TestDemo(t *testing.T) {
	var said bytes.Buffer
	if err := showAll(t.Context(), io.MultiWriter(t.Output(), &said), rt.Config{Interpreter: true}); err != nil {
		t.Error(err)
	}
	readme := read(t, "README.md")
	for _, line := range []string{
		`memory 64 MiB -> 32 MiB by the ceiling`,
		`failed at check: witgen:plugins/host-api@0.1.0.get-config: result: guest option<list<u8>>, host option<string>; witgen:plugins/host-api@0.1.0.emit-event: param 2 "payload": guest list<u8>, host string; `,
		`failed at probe: initialize: database_url not configured`,
		`canary at 10%`,
		`: trap "unreachable" `,
		`denied: host call witgen:plugins/host-api.emit-event (granted: none); to review: plugins.record.host_calls: "witgen:plugins/host-api.emit-event": {per_call: 1} (`,
		`policy.yaml:32)`,
	} {
		if !strings.Contains(strings.ReplaceAll(readme, "\nconfigured", " configured"), line) {
			t.Errorf("README.md lacks %q", line)
		}
		if !strings.Contains(said.String(), line) {
			t.Errorf("the script does not say %q", line)
		}
	}
}

// TestREADME checks that the program in the README of the project is that of the
// package's documentation.
func TestREADME(t *testing.T) {
	_, code, _ := strings.Cut(read(t, "../../rt/plugin/doc.go"), "//\thost, err")
	code, _, ok := strings.Cut(code, "//\n// # Revisions")
	if !ok {
		t.Fatal("doc.go has another form than this test knows")
	}
	want := "```go\nhost, err" + strings.ReplaceAll(code, "//\t", "") + "```"
	if !strings.Contains(read(t, "../../README.md"), want) {
		t.Errorf("README.md lacks\n%s", want)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
