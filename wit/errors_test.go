package wit_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/witgen/witgen/wit"
)

// TestErrors loads each package in testdata/errors and compares what is
// reported with the file want of its archive: a line for each error, and one
// for its note. Packages are the files and directories at the top of an
// archive, in order. A line of the comment that begins with "features:" names
// the features that are on.
func TestErrors(t *testing.T) {
	archives, err := filepath.Glob("testdata/errors/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			fsys, packages, o, want := archive(t, file)
			var got []string
			for _, name := range packages {
				_, err := wit.LoadFS(fsys, name, o)
				errs, ok := errors.AsType[wit.Errors](err)
				if !ok {
					t.Errorf("%s: loaded with %v, want errors", name, err)
				}
				got = append(got, errorLines(errs)...)
			}
			if text := strings.Join(got, "\n"); text != want {
				t.Errorf("the errors differ:\n%s", diff(want, text))
			}
		})
	}
}

func errorLines(errs wit.Errors) []string {
	var lines []string
	for _, e := range errs {
		lines = append(lines, fmt.Sprintf("%s: %s", e.Pos, e.Msg))
		if e.Note != "" {
			lines = append(lines, fmt.Sprintf("%s: note: %s", e.NotePos, e.Note))
		}
	}
	return lines
}

// archive returns the files of an archive, the packages at its top in order,
// the options that its comment asks for, and the text of its file want.
func archive(t *testing.T, file string) (fsys fs.FS, packages []string, o wit.Options, want string) {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(a.Comment)) {
		if list, ok := strings.CutPrefix(line, "features:"); ok {
			o.Features = strings.Fields(list)
		}
	}
	m := fstest.MapFS{}
	for _, f := range a.Files {
		if f.Name == "want" {
			want = strings.TrimSuffix(string(f.Data), "\n")
			continue
		}
		m[f.Name] = &fstest.MapFile{Data: f.Data}
		top, _, _ := strings.Cut(path.Clean(f.Name), "/")
		if !slices.Contains(packages, top) {
			packages = append(packages, top)
		}
	}
	return m, packages, o, want
}

func TestErrorText(t *testing.T) {
	text := "package t:t;\n\tinterface i {\n\ttype größe = u8; }\n"
	long := "package t:t; interface i { f: func() -> unknown; } // " + strings.Repeat("x", 500)
	tests := []struct{ name, in, want string }{
		{"caret under tabs", "package t:t;\ninterface i {\n\tf: func(a: unknown);\n}\n",
			"a.wit:3:13: type `unknown` does not exist\n" +
				"    3 | \tf: func(a: unknown);\n" +
				"      | \t           ^------"},
		{"caret after other alphabets", text,
			"a.wit:3:7: `größe` is no name: only ASCII letters, digits and `-` are allowed\n" +
				"    3 | \ttype größe = u8; }\n" +
				"      | \t     ^----"},
		{"note", "package t:t;\ninterface i {}\ninterface i {}\n",
			"a.wit:3:11: interface `i` is declared already\n" +
				"    3 | interface i {}\n" +
				"      |           ^\n" +
				"a.wit:2:11: first declared here"},
		{"at the end", "package t:t;\ninterface i {\n",
			"a.wit:3:1: expected `}`, found the end of the file"},
		{"long line", long, "a.wit:1:41: type `unknown` does not exist"},
		{"two", "package t:t;\ninterface i {\n  f: func() -> unknown;\n  g: func() -> none;\n}\n",
			"a.wit:3:16: type `unknown` does not exist\n" +
				"    3 |   f: func() -> unknown;\n" +
				"      |                ^------\n" +
				"a.wit:4:16: type `none` does not exist\n" +
				"    4 |   g: func() -> none;\n" +
				"      |                ^---"},
	}
	for _, tt := range tests {
		_, err := wit.LoadFS(fstest.MapFS{"a.wit": {Data: []byte(tt.in)}}, "a.wit", wit.Options{})
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s: got\n%v\nwant\n%s", tt.name, err, tt.want)
		}
	}
}
