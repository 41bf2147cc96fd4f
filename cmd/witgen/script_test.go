package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/witgen/witgen/internal/guests"
)

// TestScript runs the scripts in testdata/script. Each is a txtar archive: the
// files are there before, and its comment is the script, a command a line.
//
//	witgen ARGS...        run witgen; it must succeed
//	exit N witgen ARGS... run witgen; it must exit with N
//	[!] stdout TEXT       what witgen printed contains the text; "" is nothing at all
//	[!] stderr TEXT       likewise
//	cmpout FILE           what witgen printed is what is in the file
//	cmperr FILE           what witgen reported is what is in the file
//	[!] exists FILE       there is such a file or directory
//	cp FROM TO, rm FILE, mkdir DIR, cd DIR, append FILE TEXT
//	link TARGET NAME      make a symbolic link, to a path from here
//	crlf FILE             end the lines of the file in carriage returns too
//	chmod MODE FILE       set permissions, in octal
//	mode MODE FILE        the file has these permissions
//	files DIR N           there are so many files in the directory and below it
//	guest FILE            copy a plugin here, LANGUAGE/NAME.wasm of version 0.1, or a guest below rt
//	git ARGS...           run git, or skip the rest where there is none
//	setenv NAME VALUE     set a variable of the environment
//	old FILE              pretend that the file was written long ago
//	[!] touched FILE      the file was written since then
//	cached                have what "witgen run" compiles kept for the rest of the script
//
// Arguments with spaces go in double quotes.
func TestScript(t *testing.T) {
	names, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no scripts", err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			s := script{T: t, root: root}
			s.run(archive)
		})
	}
}

type script struct {
	*testing.T
	root           string // of the repository
	cache          string // of compiled code; empty for none
	stdout, stderr bytes.Buffer
}

// run runs a script in a directory of its own.
func (s *script) run(archive *txtar.Archive) {
	s.Helper()
	s.Chdir(s.TempDir())
	for _, f := range archive.Files {
		put(s.T, f.Name, f.Data)
	}
	for i, line := range strings.Split(string(archive.Comment), "\n") {
		args := words(s.T, line)
		if len(args) == 0 || strings.HasPrefix(args[0], "#") {
			continue
		}
		if err := s.command(args); err != nil {
			s.Fatalf("line %d: %s\n%v\nstdout:\n%s\nstderr:\n%s", i+1, line, err, &s.stdout, &s.stderr)
		}
	}
}

var longAgo = time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)

func put(tb testing.TB, name string, data []byte) {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o666); err != nil {
		tb.Fatal(err)
	}
}

// words splits a line into words; one may be a quoted Go string.
func words(t *testing.T, line string) []string {
	t.Helper()
	var out []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		if line[0] != '"' {
			word, rest, _ := strings.Cut(line, " ")
			out, line = append(out, word), rest
			continue
		}
		quoted, err := strconv.QuotedPrefix(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		word, err := strconv.Unquote(quoted)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		out, line = append(out, word), line[len(quoted):]
	}
	return out
}

func (s *script) command(args []string) error {
	not := args[0] == "!"
	if not {
		args = args[1:]
	}
	name, args := args[0], args[1:]
	switch name {
	case "witgen":
		return s.witgen(0, args)
	case "exit":
		code, err := strconv.Atoi(args[0])
		if err != nil {
			return err
		}
		return s.witgen(code, args[2:])
	case "stdout":
		return contains(s.stdout.String(), args[0], not)
	case "stderr":
		return contains(s.stderr.String(), args[0], not)
	case "cmpout":
		want, err := os.ReadFile(args[0])
		if err == nil && s.stdout.String() != string(want) {
			err = fmt.Errorf("want:\n%s", want)
		}
		return err
	case "cmperr":
		want, err := os.ReadFile(args[0])
		if err == nil && s.stderr.String() != string(want) {
			err = fmt.Errorf("want:\n%s", want)
		}
		return err
	case "exists":
		_, err := os.Stat(args[0])
		if not && err == nil {
			return errors.New("it exists")
		}
		if not {
			return nil
		}
		return err
	case "cp":
		data, err := os.ReadFile(args[0])
		if err == nil {
			err = os.WriteFile(args[1], data, 0o666)
		}
		return err
	case "guest":
		name := filepath.Join(s.root, filepath.FromSlash(args[0]))
		if !strings.HasPrefix(args[0], "rt/") {
			name = guests.Plugin(strings.TrimSuffix(args[0], ".wasm"))
		}
		data, err := os.ReadFile(name)
		if err == nil {
			err = os.WriteFile(filepath.Base(args[0]), data, 0o666)
		}
		return err
	case "git":
		return s.git(args)
	case "cached":
		s.cache = s.TempDir()
		return nil
	case "setenv":
		s.Setenv(args[0], args[1])
		return nil
	case "rm":
		return os.Remove(args[0])
	case "mkdir":
		return os.MkdirAll(args[0], 0o777)
	case "cd":
		s.Chdir(args[0])
		return nil
	case "append":
		data, err := os.ReadFile(args[0])
		if err == nil {
			err = os.WriteFile(args[0], append(data, args[1]...), 0o666)
		}
		return err
	case "link":
		target, err := filepath.Abs(args[0])
		if err != nil {
			return err
		}
		return os.Symlink(target, args[1])
	case "crlf":
		data, err := os.ReadFile(args[0])
		if err == nil {
			err = os.WriteFile(args[0], bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n")), 0o666)
		}
		return err
	case "chmod", "mode":
		mode, err := strconv.ParseUint(args[0], 8, 9)
		if err != nil {
			return err
		}
		if name == "chmod" {
			return os.Chmod(args[1], os.FileMode(mode))
		}
		info, err := os.Stat(args[1])
		if err == nil && info.Mode().Perm() != os.FileMode(mode) {
			err = fmt.Errorf("it has %o", info.Mode().Perm())
		}
		return err
	case "files":
		return countFiles(args[0], args[1])
	case "old":
		return os.Chtimes(args[0], longAgo, longAgo)
	case "touched":
		info, err := os.Stat(args[0])
		if err == nil && info.ModTime().Equal(longAgo) != not {
			err = fmt.Errorf("it is of %s", info.ModTime())
		}
		return err
	}
	return fmt.Errorf("no command %q", name)
}

// git runs git, apart from what the machine has configured.
func (s *script) git(args []string) error {
	if _, err := exec.LookPath("git"); err != nil {
		s.Skip("there is no git program to make repositories with")
	}
	cmd := exec.Command("git", args...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull,
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, out)
	}
	return err
}

func countFiles(dir, want string) error {
	n := 0
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	if err == nil && strconv.Itoa(n) != want {
		err = fmt.Errorf("there are %d", n)
	}
	return err
}

func (s *script) witgen(code int, args []string) error {
	s.stdout.Reset()
	s.stderr.Reset()
	if s.cache != "" && args[0] == "run" {
		args = slices.Insert(slices.Clone(args), 1, "--cache-dir", s.cache)
	}
	if got := run(args, &s.stdout, &s.stderr); got != code {
		return fmt.Errorf("exit code %d, want %d", got, code)
	}
	return nil
}

func contains(got, want string, not bool) error {
	has := strings.Contains(got, want)
	if want == "" {
		has = got == ""
	}
	if has == not {
		return fmt.Errorf("got %q", got)
	}
	return nil
}
