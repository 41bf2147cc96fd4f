package watch

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestTrail(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	at := func(name string) string { return filepath.Join(root, filepath.FromSlash(name)) }
	must(t, os.MkdirAll(at("plugins/..v1"), 0o700))
	must(t, os.MkdirAll(at("opt/releases/v7"), 0o700))
	write(t, at("plugins/..v1/p"), nil)
	write(t, at("opt/releases/v7/q"), nil)
	links := [][2]string{
		{"..v1", "plugins/..data"},
		{"..data/p", "plugins/p"},
		{"releases/v7", "opt/current"},
		{root + filepath.FromSlash("/opt/current/../v7/q"), "plugins/q"}, // ".." is that of releases/v7
		{"../nowhere/x", "plugins/dangling"},
		{"loop", "plugins/loop"},
	}
	for _, l := range links {
		if err := os.Symlink(filepath.FromSlash(l[0]), at(l[1])); err != nil {
			t.Skip("there are no symbolic links here: ", err)
		}
	}
	tests := []struct {
		path string
		want []string
	}{
		{"plugins/..v1/p", []string{"plugins/..v1/p"}},
		{"plugins/p", []string{"plugins/p", "plugins/..data", "plugins/..v1/p"}},
		{"plugins/q", []string{"plugins/q", "opt/current", "opt/releases/v7/q"}},
		{"plugins/dangling", []string{"plugins/dangling", "nowhere"}},
		{"none/of/this", []string{"none"}},
		{"plugins", []string{"plugins"}},
	}
	for _, tt := range tests {
		var want []string
		for _, name := range tt.want {
			want = append(want, at(name))
		}
		got := trail(at(tt.path))
		if !slices.Equal(got, want) {
			t.Errorf("%s:\ngot  %q\nwant %q", tt.path, got, want)
		}
		if resolved, err := filepath.EvalSymlinks(at(tt.path)); err == nil && resolved != got[len(got)-1] {
			t.Errorf("%s leads to %s, filepath.EvalSymlinks says %s", tt.path, got[len(got)-1], resolved)
		}
	}
	if got := trail(at("plugins/loop")); len(got) > maxLinks+1 {
		t.Errorf("a loop has a trail of %d names", len(got))
	}
	if got := trail(string(filepath.Separator)); len(got) != 1 {
		t.Errorf("the root has the trail %q", got)
	}
}
