package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/cmd/witgen/internal/config"
)

// helpWIT is what the examples of the help are about.
const helpWIT = `package acme:app@0.2.0;
interface store {
	use wasi:io/poll@0.2.6.{moment};
	get: func(key: string) -> option<moment>;
	@unstable(feature = peeking)
	peek: func(key: string) -> bool;
}
interface handler { flush: func(); }
world plugin { import store; export handler; export reset: func(); }
package wasi:io@0.2.6 {
	interface poll { record moment { at: u64 } }
}
`

// TestHelpExamples runs all that the help of generate gives to run, and the
// file it shows.
func TestHelpExamples(t *testing.T) {
	t.Chdir(t.TempDir())
	put(t, "go.mod", []byte("module example.com/app\n"))
	put(t, "wit/plugin.wit", []byte(helpWIT))
	examples := regexp.MustCompile(`(?m)^  (?://go:generate go tool )?witgen (generate .*)$`).FindAllStringSubmatch(generateHelp, -1)
	if len(examples) < 4 {
		t.Fatalf("only %d examples", len(examples))
	}
	for _, e := range examples {
		runHelpExample(t, words(t, e[1])...)
		if err := os.RemoveAll("api"); err != nil {
			t.Fatal(err)
		}
	}
	with := regexp.MustCompile(`(?m)^  (--with) '(.*)'$`).FindStringSubmatch(generateHelp)
	if with == nil {
		t.Fatal("no example of --with")
	}
	stdout := runHelpExample(t, "generate", "--out", "api", "--stdout", with[1], with[2])
	if !strings.Contains(stdout, `"example.com/bindings/wasi/io/poll"`) {
		t.Errorf("--with does not matter:\n%s", stdout)
	}

	old := strings.Replace(helpWIT, "@0.2.0", "@0.1.0", 1)
	put(t, "old/plugin.wit", []byte(old))
	runHelpExample(t, "golden", "old", "--release", "0.1.0")
	put(t, config.Name, []byte(helpFile(t)))
	runHelpExample(t, "generate")
	text, err := os.ReadFile(filepath.Join("api", "v0_2", "kv", "kv.wit.go"))
	if err != nil || !bytes.Contains(text, []byte("Peek(")) {
		t.Errorf("%v: %s", err, text)
	}
	text, err = os.ReadFile(filepath.Join("api", "v0_2", "plugin", "plugin.wit.go"))
	for _, want := range []string{"HasHandlerFlush() bool", "HasReset() bool"} {
		if err != nil || !bytes.Contains(text, []byte(want)) {
			t.Errorf("%v: no %s in %s", err, want, text)
		}
	}
	if _, err := os.Stat(filepath.Join("api", "v0_1", "plugin", "plugin.wit.go")); err != nil {
		t.Error(err)
	}
}

func runHelpExample(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(args, &stdout, &stderr); code != exitOK {
		t.Fatalf("%q: exit code %d\n%s", args, code, &stderr)
	}
	return stdout.String()
}

// helpFile returns the configuration file that the help shows.
func helpFile(t *testing.T) string {
	t.Helper()
	_, text, ok := strings.Cut(generateHelp, "\n  generate:\n")
	text, _, end := strings.Cut(text, "\n\n")
	if !ok || !end {
		t.Fatal("the help shows no file")
	}
	return "  generate:\n" + text + "\n"
}

// TestHelpOptions compares the options of generate with its help and with the
// keys of the configuration file, which is to be able to say what they say.
func TestHelpOptions(t *testing.T) {
	var flags, helped []string
	new(generateFlags).flagSet().VisitAll(func(f *flag.Flag) { flags = append(flags, option(f.Name)) })
	for _, m := range regexp.MustCompile(`(?m)^  (--?[a-z-]+)(?: [A-Z=]+)? {2,}`).FindAllStringSubmatch(generateHelp, -1) {
		helped = append(helped, m[1])
	}
	slices.Sort(flags)
	slices.Sort(helped)
	if !slices.Equal(flags, helped) {
		t.Errorf("the options are %q, in the help are %q", flags, helped)
	}

	name := filepath.Join(t.TempDir(), config.Name)
	put(t, name, []byte("generate: [{x: y}]\n"))
	_, err := config.Load(name)
	if err == nil {
		t.Fatal("a key that is none is read")
	}
	_, list, _ := strings.Cut(err.Error(), "only ")
	keys := strings.Split(list, ", ")
	if len(keys) < 8 {
		t.Fatalf("keys %q", keys)
	}
	var shown []string
	for _, m := range regexp.MustCompile(`(?m)^    [- ] ([a-z_-]+):`).FindAllStringSubmatch(helpFile(t), -1) {
		shown = append(shown, m[1])
	}
	slices.Sort(shown)
	if !slices.Equal(shown, keys) {
		t.Errorf("the help shows the keys %q, there are %q", shown, keys)
	}
	for i, key := range keys {
		if key == config.OptionalExports { // a list of what the option is one of
			key = "optional-export"
			keys[i] = key
		}
		if key != "wit" && !slices.Contains(flags, option(key)) { // wit is PATH
			t.Errorf("no option says what the key %s says", key)
		}
	}
	for _, f := range flags {
		switch f {
		case "--config", "--check", "--dry-run", "--stdout", "-v": // how to run, not what to generate
		default:
			if !slices.Contains(keys, strings.TrimLeft(f, "-")) {
				t.Errorf("no key says what %s says", f)
			}
		}
	}
}

// TestHelp looks at the help of every command, which is the same however one
// asks for it, and that the overview has each.
func TestHelp(t *testing.T) {
	overview := runHelpExample(t, "help")
	for _, c := range commands() {
		help := runHelpExample(t, "help", c.name)
		if !strings.HasPrefix(help, "usage: witgen "+c.name) || !strings.HasSuffix(help, "\n") {
			t.Errorf("help of %s:\n%s", c.name, help)
		}
		if again := runHelpExample(t, c.name, "--help"); again != help {
			t.Errorf("%s --help is another:\n%s", c.name, again)
		}
		if !strings.Contains(overview, "\n  "+c.name+" ") {
			t.Errorf("the overview does not have %s", c.name)
		}
		for line := range strings.Lines(help) {
			if len(line) > 81 {
				t.Errorf("help of %s: more than 80 columns: %s", c.name, line)
			}
		}
	}
}
