package binary

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// suiteDir holds the official test suite as binaries.
const suiteDir = "../../../../shared/spec"

// A suiteFile is a binary of the official suite and what a script says of it.
type suiteFile struct {
	script  string
	line    int
	command string // component, component_definition, assert_invalid, ...
	name    string
	wasm    []byte
}

// suite reads the binaries of the official suite, and skips the test when
// they are not there.
func suite(tb testing.TB) []suiteFile {
	tb.Helper()
	files := suiteFiles(tb)
	if len(files) == 0 {
		tb.Skipf("the official component model suite is not at %s", suiteDir)
	}
	return files
}

// suiteFiles reads the binaries of the official suite, if they are there.
func suiteFiles(tb testing.TB) []suiteFile {
	tb.Helper()
	scripts, err := filepath.Glob(filepath.Join(suiteDir, "*", "*.json"))
	if err != nil {
		tb.Fatal(err)
	}
	var files []suiteFile
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		if err != nil {
			tb.Fatal(err)
		}
		var list struct {
			Commands []struct {
				Type, Filename string
				Line           int
				ModuleType     string `json:"module_type"`
			}
		}
		if err := json.Unmarshal(text, &list); err != nil {
			tb.Fatalf("%s: %v", script, err)
		}
		for _, c := range list.Commands {
			if c.Filename == "" || c.ModuleType == "text" || c.Type == "module" {
				continue
			}
			wasm, err := os.ReadFile(filepath.Join(filepath.Dir(script), c.Filename))
			if err != nil {
				tb.Fatal(err)
			}
			rel, _ := filepath.Rel(suiteDir, script)
			files = append(files, suiteFile{script: rel, line: c.Line, command: c.Type, name: c.Filename, wasm: wasm})
		}
	}
	return files
}

// TestConformanceDecode decodes every binary of the official suite: all but
// the malformed ones must decode.
func TestConformanceDecode(t *testing.T) {
	counts := make(map[string]int)
	for _, f := range suite(t) {
		c, err := Decode(f.wasm)
		counts[f.command]++
		if f.command == "assert_malformed" {
			_, isError := errors.AsType[*Error](err)
			_, isOther := errors.AsType[*NotComponentError](err)
			if !isError && !isOther {
				t.Errorf("%s:%d: %s: malformed, but Decode says %v", f.script, f.line, f.name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s:%d: %s %s: %v", f.script, f.line, f.command, f.name, err)
		} else if c.Size != len(f.wasm) {
			t.Errorf("%s:%d: %s: Size is %d of %d bytes", f.script, f.line, f.name, c.Size, len(f.wasm))
		}
	}
	for command, n := range counts {
		t.Logf("%-22s %4d", command, n)
	}
}
