package fs

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/wasi/p2/filesystem/types"
)

// TestReadlink reads links, but not those that start at the root.
func TestReadlink(t *testing.T) {
	g := granted(t, Grant{})
	put(t, g.on("file"), "")
	g.mkdir("dir")
	g.symlink("../x/y", "dir/relative")
	g.symlink("/etc/passwd", "absolute")
	g.symlink("dir", "dirlink")
	g.symlink(strings.Repeat("x", 4000), "long")
	for _, test := range []struct {
		path, want string
		err        error
	}{
		{"dir/relative", "../x/y", nil},
		{"dirlink", "dir", nil},
		{"dirlink/relative", "../x/y", nil},
		{"long", strings.Repeat("x", 4000), nil},
		{"absolute", "", types.ErrorCodeNotPermitted},
		{"file", "", types.ErrorCodeInvalid},
		{"dir", "", types.ErrorCodeInvalid},
		{"dirlink/", "", types.ErrorCodeInvalid},
		{"file/", "", types.ErrorCodeNotDirectory},
		{"nothing", "", types.ErrorCodeNoEntry},
	} {
		got, err := g.dir().ReadlinkAt(t.Context(), test.path)
		is(t, test.path, err, test.err)
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.path, got, test.want)
		}
	}
	if runtime.GOOS == "linux" {
		g.symlink("\xff\xfe", "bytes")
		_, err := g.dir().ReadlinkAt(t.Context(), "bytes")
		is(t, "bytes", err, types.ErrorCodeIllegalByteSequence)
	}
}

// TestPaths has paths that are odd, and those that only look so.
func TestPaths(t *testing.T) {
	g := granted(t, Grant{Write: true})
	deep := strings.Repeat("d/", 1000)
	g.mkdir(deep)
	put(t, g.on(deep+"file"), "x")
	for _, name := range []string{".env", "...", "..a", "a..", " ", "\n", "日本", "-", "~", "$HOME", "%00", `\`, ":"} {
		if runtime.GOOS == "windows" {
			break // which has other names
		}
		f := g.open(g.dir(), name, create|exclusive, write)
		if _, err := f.Write(t.Context(), []byte(name), 0); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if got := get(t, g.on(name)); got != name {
			t.Errorf("%q has %q", name, got)
		}
		is(t, name, g.dir().UnlinkFileAt(t.Context(), "./"+name), nil)
	}
	for _, test := range []struct {
		path string
		want error
	}{
		{"", types.ErrorCodeNoEntry},
		{"a\x00b", types.ErrorCodeInvalid},
		{"\x00", types.ErrorCodeInvalid},
		{strings.Repeat("x", 255), types.ErrorCodeNoEntry},
		{strings.Repeat("x", 256), types.ErrorCodeNameTooLong},
		{strings.Repeat("x", 4096), types.ErrorCodeNameTooLong},
		{strings.Repeat("x", 1<<20), types.ErrorCodeNameTooLong},
		{strings.Repeat("d/", 2048), types.ErrorCodeNameTooLong},
		{strings.Repeat("./", 2047), nil},
		{strings.Repeat("d/../", 800), types.ErrorCodeNameTooLong},
		{deep + "file", nil},
		{deep + "d", types.ErrorCodeNoEntry},
	} {
		what := fmt.Sprintf("%.20q... (%d bytes)", test.path, len(test.path))
		_, err := g.dir().StatAt(t.Context(), 0, test.path)
		is(t, what, err, test.want)
		if test.want == nil {
			continue
		}
		for i, m := range methods {
			if err := m.call(t.Context(), g.dir(), test.path); err == nil && test.want != error(types.ErrorCodeNoEntry) { //nolint:errorlint // guests get the very value
				t.Errorf("%d %s of %s succeeds", i, m.name, what)
			}
		}
	}
}

// TestLinks follows as many links as systems do, and no more, and none for who
// does not wait for that.
func TestLinks(t *testing.T) {
	g := granted(t, Grant{})
	put(t, g.on("0"), "")
	for i := range 60 {
		g.symlink(fmt.Sprint("./", i), fmt.Sprint(i+1))
	}
	g.symlink(strings.Repeat("./", 1500)+"0", "long")
	g.mkdir("d/d/d")
	g.symlink(strings.Repeat("../d/", 600)+"../long", "d/longer")
	for path, want := range map[string]error{"5": nil, "8": nil, "50": types.ErrorCodeLoop, "60": types.ErrorCodeLoop, "long": nil} {
		_, err := g.dir().StatAt(t.Context(), follow, path)
		is(t, path, err, want)
	}
	if _, err := g.dir().StatAt(t.Context(), follow, "d/longer"); err == nil {
		t.Error("d/longer is found")
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("cause")
	cancel(cause)
	if portable {
		return
	}
	for i, m := range methods {
		if m.entry {
			continue
		}
		if m.writes {
			is(t, m.name, m.call(ctx, g.dir(), "5"), types.ErrorCodeNotPermitted)
		} else if err := m.call(ctx, g.dir(), "5"); !errors.Is(err, cause) {
			t.Errorf("%d %s: %v", i, m.name, err)
		}
	}
}
