package gen_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/gen"
	"github.com/witgen/witgen/wit"
)

// TestPackageOption names the package of a world, and with it its file, which
// has to be one on every system.
func TestPackageOption(t *testing.T) {
	for name, want := range map[string]string{
		"app": "app/app.wit.go", "my_app": "my_app/myapp.wit.go", "app_linux": "app_linux/applinux.wit.go",
		"app_windows_amd64": "app_windows_amd64/appwindowsamd64.wit.go", "app_test": "app_test/apptest.wit.go", "v2": "v2/v2.wit.go",
		"main": "", "internal": "", "vendor": "", "testdata": "", "init": "", "documentation": "", "aux": "", "com9": "",
		"type": "", "string": "", "error": "", "_": "", "_app": "", "a-b": "", "äpp": "", "../app": "", "a/b": "",
	} {
		checkPlace(t, name, gen.Options{Package: name}, want)
	}
}

// TestRenamePackage gives an interface a Go name, of which its package's is made.
func TestRenamePackage(t *testing.T) {
	for name, want := range map[string]string{
		"Files": "files/files.wit.go", "File_Linux": "file_linux/filelinux.wit.go", "Main": "bmain/bmain.wit.go",
		"Documentation": "bdocumentation/bdocumentation.wit.go", "Error": "berror/berror.wit.go", "Ärger": "",
	} {
		checkPlace(t, name, gen.Options{Rename: map[string]string{"store": name}}, want)
	}
}

// checkPlace checks that a file of bindings is where it is wanted, or that there
// are none if it is nowhere.
func checkPlace(t *testing.T, name string, o gen.Options, want string) {
	t.Helper()
	source := "package a:b;\ninterface store { f: func(); }\nworld w { import store; }\n"
	pkg, err := wit.LoadFS(fstest.MapFS{"a.wit": {Data: []byte(source)}}, "a.wit", wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o.PackageRoot = "example.com/x"
	files, err := gen.Generate(pkg.Worlds[0], o)
	if want == "" {
		if err == nil {
			t.Errorf("%q: got %d files, want an error", name, len(files))
		}
		return
	}
	if err != nil || !slices.ContainsFunc(files, func(f gen.File) bool { return f.Path == want }) {
		t.Errorf("%q: no %s (%v)", name, want, err)
	}
}
