package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestModulePath(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"module example.com/a\n\ngo 1.26\n", "example.com/a"},
		{"// module wrong\nmodule \"example.com/b\" // why\n", "example.com/b"},
		{"go 1.26\n\tmodule  c\r\n", "c"},
		{"modules example.com/d\n", ""},
		{"", ""},
	} {
		if got := modulePath(tt.text); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestImportPath(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte("module example.com/app\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{
		".": "example.com/app", "api": "example.com/app/api", "not/there/yet": "example.com/app/not/there/yet",
	} {
		got, err := importPath(filepath.Join(root, dir))
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", dir, got, err, want)
		}
	}
	if _, err := importPath(filepath.VolumeName(root) + string(filepath.Separator)); err == nil ||
		!strings.Contains(err.Error(), "--package-root") {
		t.Errorf("without go.mod: got %v, want a hint at --package-root", err)
	}
}
