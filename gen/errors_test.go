package gen_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

// TestErrors goes through golden/errors. Each archive holds a package, the
// options in its comment, and the errors wanted.
func TestErrors(t *testing.T) {
	names, err := filepath.Glob("../golden/errors/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no archives", err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files, got := generateArchive(t, archive)
			if _, ok := errors.AsType[gen.ErrorList](got); got != nil && !ok {
				t.Errorf("got a %T", got)
			}
			text := ""
			if got != nil {
				text = got.Error() + "\n"
			}
			if (got == nil) != (files != nil) {
				t.Errorf("%d files with error %v", len(files), got)
			}
			want := &archive.Files[len(archive.Files)-1]
			if want.Name != "want" {
				t.Fatal("the last file must be want")
			}
			if text == string(want.Data) {
				return
			}
			if *update {
				want.Data = []byte(text)
				if err := os.WriteFile(name, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			t.Errorf("got\n%s\nwant\n%s\ngo test ./gen -update rewrites it", text, want.Data)
		})
	}
}

// generateArchive generates the bindings of the only world of an archive.
func generateArchive(t *testing.T, archive *txtar.Archive) ([]gen.File, error) {
	t.Helper()
	fsys, err := txtar.FS(archive)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := wit.LoadFS(fsys, ".", wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := pkg.ChooseWorld("")
	if err != nil {
		t.Fatal(err)
	}
	o := gen.Options{PackageRoot: "example.com/app/api", Rename: map[string]string{}, With: map[string]string{}}
	for line := range strings.Lines(string(archive.Comment)) {
		option, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		item, value, _ := strings.Cut(rest, "=")
		switch option {
		case "rename":
			o.Rename[item] = value
		case "with":
			o.With[item] = value
		case "optional":
			o.OptionalExports = append(o.OptionalExports, rest)
		case "package":
			o.Package = rest
		}
	}
	return gen.Generate(w, o)
}
