package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTargetsWASI has a command that uses files: what it imports of WASI is beside
// the world, of a later version, and a policy has to grant directories.
func TestTargetsWASI(t *testing.T) {
	wasm, err := os.ReadFile(filepath.FromSlash("../../rt/wasi/testdata/files.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	put(t, "files.wasm", wasm)
	put(t, "host.wit", []byte("package a:b;\nworld w { export wasi:cli/run@0.2.3; }\npackage wasi:cli@0.2.3 { interface run { run: func() -> result; } }\n"))
	put(t, "refuse.yaml", []byte("version: 1\nplugins:\n  files: {deny: refuse}\n"))
	put(t, "answer.yaml", []byte("version: 1\nplugins:\n  files: {limits: {memory: 64KiB}}\n  other: {fs: [{host: /data, guest: /data, mode: ro}]}\n"))
	for _, tt := range []struct {
		args string
		code int
		want []string
	}{
		{"", exitOK, []string{
			"files.wasm: fits a:b/w\n", "  import wasi:io/streams@0.2.6: matched, beside the world by wasi:io/streams@0.2.", "  export wasi:cli/run@0.2.3: matched, by wasi:cli/run@0.2.0\n",
			"  to grant: fs: [{host: /DIRECTORY, guest: /DIRECTORY, mode: ro}], for import wasi:filesystem/preopens@0.2.6\n",
		}},
		{"--no-wasi", exitDiffer, []string{"files.wasm: does not fit a:b/w\n", "  import wasi:io/poll@0.2.6: missing, host does not have it\n    pollable\n"}},
		{"--policy refuse.yaml", exitDiffer, []string{"files.wasm: fits a:b/w, but the policy refuses it\n", "  denied: import wasi:filesystem/types@0.2.6; to review: plugins.files.fs: ", "  refused by the policy: imports what is denied"}},
		{"--policy refuse.yaml --format github", exitDiffer, []string{"::warning file=files.wasm,title=IMPORT_DENIED::", "::error file=files.wasm,title=POLICY_REFUSED::imports what is denied"}},
		{"--policy refuse.yaml --format json", exitDiffer, []string{`"fits":false`, `"refused":["imports what is denied`}},
		{"--policy answer.yaml --plugin files", exitDiffer, []string{"refused by the policy: needs ", "memory at start, limit 64KiB"}},
		{"--policy answer.yaml --plugin other", exitOK, []string{"files.wasm: fits a:b/w\n"}},
	} {
		var stdout, stderr bytes.Buffer
		code := run(append([]string{"targets", "files.wasm", "--against", "host.wit"}, strings.Fields(tt.args)...), &stdout, &stderr)
		if code != tt.code {
			t.Errorf("%s: exit code %d, want %d\n%s%s", tt.args, code, tt.code, &stdout, &stderr)
		}
		for _, want := range tt.want {
			if !strings.Contains(stdout.String(), want) {
				t.Errorf("%s: want %q in\n%s%s", tt.args, want, &stdout, &stderr)
			}
		}
	}
}
