package main

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/plugin/policy"
)

const testdata = "../../rt/wasi/testdata/"

// says runs a command of witgen.
func says(f func(args []string, stdout, stderr *bytes.Buffer) int, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = f(args, &out, &errs)
	return code, out.String(), errs.String()
}

func inspects(args []string, stdout, stderr *bytes.Buffer) int {
	return runInspect(args, stdout, stderr)
}
func runs(args []string, stdout, stderr *bytes.Buffer) int { return runRun(args, stdout, stderr) }

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestInspectPolicy says what components have by a policy, and what they have not.
func TestInspectPolicy(t *testing.T) {
	abs, err := filepath.Abs(testdata + "drafts.wasm")
	if err != nil {
		t.Fatal(err)
	}
	file := write(t, `version: 1
ceiling: {memory: 8MiB}
plugins:
  named: {source: {file: "`+filepath.ToSlash(abs)+`"}, keyvalue: [default], limits: {memory: 64MiB}}
  small: {limits: {memory: 64KiB}, source: {digest: "sha256:`+strings.Repeat("0", 64)+`"}, deny: refuse}
  empty: {}
`)
	code, out, errs := says(inspects, "--policy", file, testdata+"drafts.wasm")
	if code != 0 || errs != "" {
		t.Fatalf("%d, %s", code, errs)
	}
	if !strings.Contains(out, "# cut: memory 64 MiB -> 8 MiB by the ceiling\n") || strings.Contains(out, "# denied: import wasi:keyvalue") {
		t.Errorf("got\n%s", out)
	}
	f, err := policy.Parse("out", []byte(out))
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if p := f.Plugins["named"]; p.Limits.Memory != 8*policy.MiB || len(p.KeyValue) != 1 {
		t.Errorf("got %+v", p)
	}

	code, out, errs = says(inspects, "--policy", file, "--plugin", "small", testdata+"drafts.wasm")
	for _, want := range []string{
		"# refused: needs ", " of memory at start, limit 64KiB: raise limits.memory\n", "# refused: digest sha256:", " is not the pinned sha256:000",
		"# refused: imports what is denied, with deny: refuse\n",
		"# denied: import wasi:keyvalue/store@0.2.0-draft2; to review: plugins.small.keyvalue: [BUCKET] (" + file + ":5)\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if code != 1 {
		t.Errorf("exit code %d, %s", code, errs)
	}

	code, out, _ = says(inspects, "--policy", file, "--json", "--plugin", "empty", testdata+"drafts.wasm")
	var r rightsReport
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 || r.Plugin != "empty" || len(r.Denied) == 0 || r.Rights.Limits.Memory != 8*policy.MiB {
		t.Errorf("%d, %v\n%s", code, err, out)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--policy", file, testdata + "net.wasm"}, 1, "which plugin is it? --plugin empty, or --plugin named, or --plugin small"},
		{[]string{"--policy", file, "--plugin", "smal", testdata + "net.wasm"}, 1, "policy.yaml: there is no plugin smal; did you mean small?"},
		{[]string{"--policy", file, "--plugin", "observability", testdata + "net.wasm"}, 1, "there is no plugin observability; it has empty, named, small"},
		{[]string{"--policy", write(t, "version: 1"), "--plugin", "x", testdata + "net.wasm"}, 1, "there is no plugin x; it has none"},
		{[]string{"--plugin", "x", testdata + "net.wasm"}, 2, "--plugin is for --policy"},
		{[]string{"--policy", file + "x", testdata + "net.wasm"}, 1, "no such file"},
		{[]string{"--policy", write(t, "version: 2"), testdata + "net.wasm"}, 1, "policy.yaml:1:1: version: write version: 1"},
		{[]string{"--policy", file, "--plugin", "small", file}, 1, "not wasm"},
	} {
		if code, _, errs := says(inspects, c.args...); code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%q: %d, %s", c.args, code, errs)
		}
	}
}

// TestLearn learns what a command needs, and runs it by that.
func TestLearn(t *testing.T) {
	dir := t.TempDir()
	to := filepath.Join(dir, "learned.yaml")
	t.Setenv("LEARN_SECRET", "hunter2")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	args := []string{
		testdata + "net.wasm", "--learn", to, "--env", "LEARN_SECRET", "--config", "a=b", "--dir", dir + ":/data", "--net", "tcp:127.0.0.1:*",
		"--", "ask", l.Addr().String(),
	}
	_, _, errs := says(runs, args...)
	text, err := os.ReadFile(to)
	if err != nil {
		t.Fatalf("%v\n%s", err, errs)
	}
	f, err := policy.Parse("learned.yaml", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	p := f.Plugin("net")
	var rules []string
	for _, r := range p.Net.Allow {
		rules = append(rules, r.String())
	}
	if got, want := strings.Join(rules, " "), "tcp:"+l.Addr().String(); got != want {
		t.Errorf("learned %q", rules)
	}
	if p.Limits.Memory == 0 || p.Limits.FuelPerCall == 0 || p.Limits.Deadline == 0 || p.Limits.Memory > 64*policy.MiB {
		t.Errorf("limits %+v", p.Limits)
	}
	if bytes.Contains(text, []byte("hunter2")) || len(p.Env.Allow) != 1 || p.Config["a"] != "b" || len(p.FS) != 1 || p.FS[0].Guest != "/data" {
		t.Errorf("learned\n%s", text)
	}
	if code, _, errs := says(inspects, "--policy", to, testdata+"net.wasm"); code != 0 {
		t.Errorf("a host would refuse it: %s", errs)
	}

	before := string(text)
	if code, _, errs := says(runs, args...); code != exitUsage || !strings.Contains(errs, "is there already, and is not overwritten") {
		t.Errorf("%d, %s", code, errs)
	}
	if again, err := os.ReadFile(to); err != nil || string(again) != before {
		t.Errorf("the file was changed: %v", err)
	}
	if _, _, errs := says(runs, testdata+"drafts.wasm", "--learn", "-", "--", "store", "default"); !strings.Contains(errs, "keyvalue: [default]") {
		t.Errorf("got\n%s", errs)
	}
}

func TestPluginName(t *testing.T) {
	for path, want := range map[string]string{"a/site.wasm": "site", "-": "plugin", "a b.c.wasm": "a-b-c", ".wasm": "plugin", "é.wasm": "plugin"} {
		if got := pluginName(path); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
}
