package wast

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestScripts runs the scripts in testdata, which use all that the host offers
// and what one instance offers to another.
func TestScripts(t *testing.T) {
	for _, name := range []string{"host", "register"} {
		t.Run(name, func(t *testing.T) {
			for _, interpreter := range []bool{false, true} {
				report, err := Run(t.Context(), "testdata/"+name+".json", Options{Interpreter: interpreter})
				if err != nil {
					t.Fatal(err)
				}
				for _, x := range report.Results {
					if x.Outcome != Passed {
						t.Error(report.Text(x))
					}
				}
			}
		})
	}
}

// TestTimeout ends a command that waits for ever.
func TestTimeout(t *testing.T) {
	report, err := Run(t.Context(), "testdata/never.json", Options{Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	var got []Outcome
	for _, x := range report.Results {
		got = append(got, x.Outcome)
	}
	if want := []Outcome{Passed, Failed, Passed}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v: %+v", got, want, report.Results)
	}
	if detail := report.Results[1].Detail; !strings.Contains(detail, "timeout") {
		t.Errorf("detail %q does not say timeout", detail)
	}
}

// run runs a script in a directory with the binaries of testdata, and one that
// is cut short.
func run(t *testing.T, commands string, o Options) *Report {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"host", "provider", "user", "wrong"} {
		wasm, err := os.ReadFile("testdata/" + name + ".wasm")
		if err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, name+".wasm"), wasm)
	}
	put(t, filepath.Join(dir, "short.wasm"), []byte(componentPreamble+"\x01"))
	// Two core modules: one traps when it starts.
	start := append(section(section([]byte(modulePreamble), 1, []byte{1, 0x60, 0, 0}), 3, []byte{1, 0}), 8, 1, 0)
	put(t, filepath.Join(dir, "trap.wasm"), section(start, 10, []byte{1, 3, 0, 0x00, 0x0b}))
	put(t, filepath.Join(dir, "simple.wasm"), simpleModule())
	// A component with a list of a type that does not exist.
	put(t, filepath.Join(dir, "invalid.wasm"), section([]byte(componentPreamble), 7, []byte{1, 0x70, 9}))
	file := filepath.Join(dir, "folder", "script.json")
	put(t, file, []byte(`{"commands": [`+strings.ReplaceAll(commands, `"filename":"`, `"filename":"../`)+`]}`))
	report, err := Run(t.Context(), file, o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func put(t *testing.T, file string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

const (
	host1    = `{"type":"component","line":1,"filename":"host.wasm"},`
	provider = `{"type":"component","line":1,"name":"$provider","filename":"provider.wasm"},`
)

// TestOutcome runs scripts whose last command is to have that outcome, for that
// reason.
func TestOutcome(t *testing.T) {
	for _, test := range []struct {
		name     string
		commands string
		outcome  Outcome
		detail   string
	}{
		{"result", host1 + `{"type":"assert_return","action":{"type":"invoke","field":"drops","args":[]},"expected":[{"type":"u32","value":"1"}]}`, Failed, "got uint32 0; want uint32 1"},
		{"type of result", host1 + `{"type":"assert_return","action":{"type":"invoke","field":"drops","args":[]},"expected":[{"type":"s32","value":"0"}]}`, Failed, "the script has a s32, where the type is u32"},
		{"result that is not wanted", host1 + `{"type":"assert_return","action":{"type":"invoke","field":"drops","args":[]},"expected":[]}`, Failed, "got uint32 0; want nothing"},
		{"no result", host1 + `{"type":"action","action":{"type":"invoke","field":"new","args":[{"type":"u32","value":"1"}]}},{"type":"assert_return","action":{"type":"invoke","field":"drop","args":[{"type":"u32","value":"1"}]},"expected":[{"type":"u32","value":"1"}]}`, Failed, `got nothing; want {"type":"u32","value":"1"}`},
		{"trap instead of a result", host1 + `{"type":"assert_return","action":{"type":"invoke","field":"drop","args":[{"type":"u32","value":"1"}]},"expected":[]}`, Failed, "unknown handle index 1"},
		{"trap of an action", host1 + `{"type":"action","action":{"type":"invoke","field":"drop","args":[{"type":"u32","value":"1"}]}}`, Failed, "unknown handle index 1"},
		{"result instead of a trap", host1 + `{"type":"assert_trap","action":{"type":"invoke","field":"drops","args":[]},"text":""}`, Failed, `got no trap; want trap ""`},
		{"another trap", host1 + `{"type":"assert_trap","action":{"type":"invoke","field":"drop","args":[{"type":"u32","value":"1"}]},"text":"unknown handle index 2"}`, Failed, `want trap "unknown handle index 2"`},
		{"no such function", host1 + `{"type":"assert_trap","action":{"type":"invoke","field":"nothing","args":[]},"text":""}`, Failed, "nothing"},
		{"arguments", host1 + `{"type":"assert_trap","action":{"type":"invoke","field":"drop","args":[]},"text":""}`, Failed, "drop: 0 arguments for 1 parameters"},
		{"argument of another type", host1 + `{"type":"assert_trap","action":{"type":"invoke","field":"drop","args":[{"type":"u8","value":"1"}]},"text":""}`, Failed, `argument "handle": the script has a u8`},
		{"no instance", `{"type":"assert_trap","action":{"type":"invoke","field":"drops","args":[]},"text":""}`, Failed, "there is no instance yet"},
		{"no such instance", host1 + `{"type":"assert_trap","action":{"type":"invoke","instance":"$a","field":"drops","args":[]},"text":""}`, Failed, `there is no instance "$a"`},
		{"instance that was not made", host1 + `{"type":"component","line":2,"filename":"wrong.wasm"},{"type":"assert_trap","action":{"type":"invoke","field":"drops","args":[]},"text":""}`, Failed, "instance: line 2 has failed"},
		{"link", `{"type":"component","filename":"wrong.wasm"}`, Failed, "component does not fit its imports"},
		{"not registered", provider + `{"type":"component","filename":"user.wasm"}`, Failed, `"provider": function "next"`},
		{"fits", provider + `{"type":"register","as":"provider","name":"$provider"},{"type":"assert_unlinkable","filename":"user.wasm","text":"x"}`, Failed, "got no error; want a refusal of its imports: x"},
		{"invalid, not unlinkable", `{"type":"assert_unlinkable","filename":"invalid.wasm","text":"x"}`, Failed, "compile: component"},
		{"valid", `{"type":"assert_invalid","filename":"wrong.wasm","text":"x"}`, Failed, "got no error; want it to be invalid: x"},
		{"invalid", `{"type":"assert_invalid","filename":"invalid.wasm","text":"x"}`, Passed, ""},
		{"malformed, not invalid", `{"type":"assert_invalid","filename":"short.wasm","text":"x"}`, Failed, "want it to be invalid: x"},
		{"malformed", `{"type":"assert_malformed","filename":"short.wasm","text":"x"}`, Passed, ""},
		{"invalid, not malformed", `{"type":"assert_malformed","filename":"invalid.wasm","text":"x"}`, Failed, "want it to be malformed: x"},
		{"well-formed", `{"type":"assert_malformed","filename":"wrong.wasm","text":"x"}`, Failed, "got no error; want it to be malformed: x"},
		{"text", `{"type":"assert_malformed","filename":"a.wat","module_type":"text"}`, Skipped, "it is text"},
		{"no binary", `{"type":"component","unconverted":"reason"}`, Skipped, "there is no binary of it"},
		{"needs what was skipped", `{"type":"component","line":5,"name":"$a","unconverted":"reason"},{"type":"assert_trap","action":{"type":"invoke","instance":"$a","field":"x"},"text":""}`, Skipped, "needs line 5: there is no binary of it"},
		{"definition", `{"type":"component_definition","name":"$d","filename":"host.wasm"},{"type":"component_instance","instance":"$i","component":"$d"},{"type":"assert_return","action":{"type":"invoke","instance":"$i","field":"drops","args":[]},"expected":[{"type":"u32","value":"0"}]}`, Passed, ""},
		{"no such definition", `{"type":"component_instance","instance":"$i","component":"$d"}`, Failed, `there is no component "$d"`},
		{"definition that starts", `{"type":"component_definition","name":"$d","filename":"host.wasm"},{"type":"assert_trap_instance","component":"$d","text":""}`, Failed, "got no trap"},
		{"definition that traps", `{"type":"component_definition","name":"$d","filename":"trap.wasm"},{"type":"assert_trap_instance","component":"$d","text":"unreachable"}`, Passed, ""},
		{"traps", `{"type":"assert_uninstantiable","filename":"trap.wasm","text":"unreachable"}`, Passed, ""},
		{"starts", `{"type":"assert_uninstantiable","filename":"host.wasm","text":""}`, Failed, "got no trap"},
		{"core module", `{"type":"module","filename":"simple.wasm"}`, Passed, ""},
		{"unknown command", `{"type":"thread"}`, Failed, `unknown command "thread"`},
		{"unknown action", `{"type":"action","action":{"type":"get","field":"x"}}`, Failed, `unknown action "get"`},
		{"no file", `{"type":"component","filename":"none.wasm"}`, Failed, "none.wasm"},
	} {
		t.Run(test.name, func(t *testing.T) {
			report := run(t, test.commands, Options{})
			last := report.Results[len(report.Results)-1]
			if last.Outcome != test.outcome || !strings.Contains(last.Detail, test.detail) {
				t.Errorf("%s; want %s: %s", report.Text(last), test.outcome, test.detail)
			}
		})
	}
}

// TestBeyond lists commands as beyond the engine.
func TestBeyond(t *testing.T) {
	script := `{"type":"component","line":1,"name":"$w","filename":"wrong.wasm"},
		{"type":"assert_return","line":2,"action":{"type":"invoke","instance":"$w","field":"x"},"expected":[]},
		{"type":"component","line":3,"filename":"host.wasm"},
		{"type":"assert_return","line":4,"action":{"type":"invoke","field":"drops"},"expected":[{"type":"u32","value":"0"}]}`
	l, err := ParseList("# comment\n\nfolder/script:1 too much \nfolder/script:4 wrong\nother/script:3 elsewhere\n")
	if err != nil {
		t.Fatal(err)
	}
	report := run(t, script, Options{Beyond: l})
	want := []struct {
		outcome Outcome
		detail  string
	}{
		{Skipped, "too much: instantiate: component does not fit"},
		{Skipped, "needs line 1: too much"},
		{Passed, ""},
		{Failed, "is listed as beyond the engine (wrong), and passes"},
	}
	for i, w := range want {
		if got := report.Results[i]; got.Outcome != w.outcome || !strings.Contains(got.Detail, w.detail) {
			t.Errorf("%s; want %s: %s", report.Text(got), w.outcome, w.detail)
		}
	}
	if p, f, s := report.Count(Passed), report.Count(Failed), report.Count(Skipped); p != 1 || f != 1 || s != 2 {
		t.Errorf("counts are %d, %d, %d", p, f, s)
	}
}

func TestParseListErrors(t *testing.T) {
	for _, text := range []string{"a/b:1", "a/b reason", "a/b:x reason", ":1 reason", "a/b:1 x\n\nc"} {
		if l, err := ParseList(text); err == nil {
			t.Errorf("%q = %v", text, l)
		}
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.json": `{"commands": []}`, "b/c.json": `{"commands": [{"type": "register"}]}`,
		"other.json": `{"name": 1}`, "list.json": `[]`, "broken.json": `{`, "d.txt": `{"commands": []}`,
	} {
		put(t, filepath.Join(dir, filepath.FromSlash(name)), []byte(text))
	}
	files, err := Files(dir, filepath.Join(dir, "other.json"))
	want := []string{filepath.Join(dir, "a.json"), filepath.Join(dir, "b", "c.json"), filepath.Join(dir, "other.json")}
	if err != nil || !slices.Equal(files, want) {
		t.Errorf("got %q, %v; want %q", files, err, want)
	}
	if _, err := Run(t.Context(), files[2], Options{}); err == nil || !strings.Contains(err.Error(), "no script") {
		t.Errorf("run of what is no script: %v", err)
	}
	if _, err := Files(filepath.Join(dir, "none")); err == nil {
		t.Error("found what is not there")
	}
}
