package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// TestVersionsBuild generates bindings that leave a conversion to the user: they
// compile as soon as it is written, and until then the compiler names it.
func TestVersionsBuild(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	// What the runtime requires is what the module does: nothing is looked up.
	mod = bytes.Replace(mod, []byte("module github.com/witgen/witgen"), []byte("module example.com/app"), 1)
	mod = append(mod, "\nrequire github.com/witgen/witgen v0.0.0\n\nreplace github.com/witgen/witgen => "+strconv.Quote(root)+"\n"...)
	t.Chdir(t.TempDir())
	put(t, "go.mod", mod)
	put(t, "go.sum", sums)
	contract := func(version, result string) {
		t.Helper()
		put(t, "wit/kv.wit", []byte("package acme:kv@"+version+";\ninterface store { rank: func(of: string) -> "+result+"; }\nworld plugin { import store; }\n"))
	}
	witgen := func(args ...string) {
		t.Helper()
		var out, wrong bytes.Buffer
		if code := run(args, &out, &wrong); code != exitOK {
			t.Fatalf("witgen %q: exit code %d\n%s", args, code, &wrong)
		}
	}
	check := func(want, how string) {
		t.Helper()
		cmd := exec.Command("go", how, "./...")
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local")
		out, err := cmd.CombinedOutput()
		if (err == nil) != (want == "") || !bytes.Contains(out, []byte(want)) {
			t.Fatalf("go %s: %v, want %q in\n%s", how, err, want, out)
		}
	}
	contract("0.1.0", "u32")
	witgen("golden", "--config", "none", "--release", "0.1.0")
	contract("0.2.0", "bool")
	witgen("generate", "--config", "none", "--out", "api", "--versions", "0.1,0.2")
	check(filepath.FromSlash("api/v0_2/plugin/plugin_v0_1.wit.go:"), "build")
	check(": undefined: downV01Bool\n", "build")
	put(t, "api/v0_2/plugin/own.go", []byte(`package plugin

// downV01Bool returns the rank that what has one had in 0.1.
func downV01Bool(v bool) (uint32, error) {
	if v {
		return 1, nil
	}
	return 0, nil
}
`))
	check("", "build")
	check("", "vet")
	// It is nobody else's to touch.
	witgen("generate", "--config", "none", "--out", "api", "--versions", "0.1,0.2")
	witgen("generate", "--config", "none", "--out", "api")
	if _, err := os.Stat("api/v0_2/plugin/own.go"); err != nil {
		t.Error(err)
	}
}
