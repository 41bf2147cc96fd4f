package wasi_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi"
)

// files runs the Rust guest that uses files, with arguments, and returns what it
// prints and what it was denied.
func files(tb testing.TB, c wasi.Config, args ...string) (string, []wasi.Denial) {
	tb.Helper()
	var out bytes.Buffer
	var denied []wasi.Denial
	c.Args = append([]string{"files"}, args...)
	c.Stdout, c.Stderr = &out, os.Stderr
	c.Audit = func(_ context.Context, d wasi.Denial) { denied = append(denied, d) }
	code, err := wasi.Run(context.Background(), component(tb, "files.wasm"), rt.InstanceConfig{}, c)
	if err != nil || code != 0 {
		tb.Fatalf("files %q: code %d, %v", args, code, err)
	}
	return out.String(), denied
}

func write(tb testing.TB, path, contents string) {
	tb.Helper()
	if err := os.WriteFile(path, []byte(contents), 0o666); err != nil {
		tb.Fatal(err)
	}
}

// TestFiles has a guest do with std::fs all that it can, by the root, by a path,
// and from the current directory.
func TestFiles(t *testing.T) {
	for guest, at := range map[string]string{"/": "/", "/data": "/data", "/data/": "/data", ".": "."} {
		t.Run(strings.ReplaceAll(guest, "/", "slash "), func(t *testing.T) {
			host := t.TempDir()
			got, denied := files(t, wasi.Config{Dirs: []wasi.Dir{{Host: host, Guest: guest, Write: true}}}, "tour", at)
			if want := `[("b", true), ("file", false), ("second", false), ("third", false)]` + "\ndone\n"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if len(denied) != 0 {
				t.Errorf("denied %+v", denied)
			}
			all, _ := os.ReadDir(host)
			if len(all) != 1 || all[0].Name() != "lines" {
				t.Errorf("%v is left", all)
			}
		})
	}
}

// TestFilesDenied has a guest ask for what it is not given.
func TestFilesDenied(t *testing.T) {
	host := t.TempDir()
	for _, d := range []string{"ro/dir", "rw/dir", "outside"} {
		if err := os.MkdirAll(filepath.Join(host, d), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(host, "outside/secret"), "SECRET")
	for _, d := range []string{"ro", "rw"} {
		write(t, filepath.Join(host, d, "file"), "text of "+d)
		for link, target := range map[string]string{
			"out": "../outside", "absolute": filepath.Join(host, "outside"), "in": "dir/../file", "secret": "../outside/secret",
		} {
			if err := os.Symlink(target, filepath.Join(host, d, link)); err != nil {
				t.Skip("no symbolic links here: ", err)
			}
		}
	}
	c := wasi.Config{Dirs: []wasi.Dir{
		{Host: filepath.Join(host, "ro"), Guest: "/ro"},
		{Host: filepath.Join(host, "rw"), Guest: "/rw", Write: true},
		{Host: filepath.Join(host, "rw"), Guest: "/little", Write: true, Quota: 4096 + 10},
	}}
	tests := []struct {
		args   string
		want   string
		denied string // the denial, or empty
	}{
		{"read /ro/file", "text of ro", ""},
		{"read /ro/in", "text of ro", ""},
		{"read /ro/secret", "PermissionDenied\n", "open-at /ro/secret: the path leads out of the directory"},
		{"read /ro/out/secret", "PermissionDenied\n", "open-at /ro/out/secret: the path leads out of the directory"},
		{"read /ro/absolute/secret", "PermissionDenied\n", "open-at /ro/absolute/secret: the path leads out of the directory"},
		{"read /ro/dir/../../outside/secret", "PermissionDenied\n", "open-at /ro/dir/../../outside/secret: the path leads out of the directory"},
		{"stat /rw/out/nothing", "PermissionDenied\n", "metadata-hash-at /rw/out/nothing: the path leads out of the directory"},
		{"list /rw/out", "PermissionDenied\n", "open-at /rw/out: the path leads out of the directory"},
		{"list /ro", "absolute dir file in out secret\n", ""},
		{"write /ro/new text", "PermissionDenied\n", "open-at /ro/new: the directory may only be read"},
		{"append /ro/file text", "PermissionDenied\n", "open-at /ro/file: the directory may only be read"},
		{"truncate /ro/file", "PermissionDenied\n", "open-at /ro/file: the directory may only be read"},
		{"remove /ro/file", "PermissionDenied\n", "unlink-file-at /ro/file: the directory may only be read"},
		{"mkdir /ro/new", "PermissionDenied\n", "create-directory-at /ro/new: the directory may only be read"},
		{"rename /ro/file /rw/stolen", "PermissionDenied\n", "rename-at /ro/file: the directory may only be read"},
		{"link /ro/file /rw/stolen", "PermissionDenied\n", "link-at /ro/file: the directory may only be read"},
		{"rename /rw/file /ro/planted", "PermissionDenied\n", "rename-at /ro/planted: the directory may only be read"},
		{"write /rw/out/secret text", "PermissionDenied\n", "open-at /rw/out/secret: the path leads out of the directory"},
		{"write /little/a 0123456789", "", ""},
		{"write /little/b 0123456789+", "error 29\n", ""}, // EIO: this libc does not ask what a stream's error is
		{"mkdir /little/made", "", ""},
		{"write /rw/file 0123456789+", "", ""},
	}
	for _, test := range tests {
		got, denied := files(t, c, strings.Split(test.args, " ")...)
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.args, got, test.want)
		}
		var told []string
		for _, d := range denied {
			told = append(told, fmt.Sprintf("%s %s: %s", d.Operation, d.Target, d.Reason))
		}
		if strings.Join(told, "\n") != test.denied {
			t.Errorf("%s: denied %q, want %q", test.args, told, test.denied)
		}
	}
	if b, err := os.ReadFile(filepath.Join(host, "outside/secret")); string(b) != "SECRET" || err != nil {
		t.Errorf("outside: %q, %v", b, err)
	}
}

// TestNoFiles has a guest ask for files that is given none.
func TestNoFiles(t *testing.T) {
	for _, args := range [][]string{{"read", "/etc/passwd"}, {"read", "x"}, {"list", "/"}, {"list", "."}, {"write", "/tmp/x", "y"}} {
		if got, _ := files(t, wasi.Config{}, args...); strings.Contains(got, "root") || !strings.HasSuffix(got, "\n") || strings.Contains(got, " ") {
			t.Errorf("%q: %q", args, got)
		}
	}
}

// TestRoot gives a guest a directory that is open already.
func TestRoot(t *testing.T) {
	host := t.TempDir()
	write(t, filepath.Join(host, "file"), "hello")
	root, err := os.OpenRoot(host)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for range 2 { // it stays the caller's
		if got, _ := files(t, wasi.Config{Dirs: []wasi.Dir{{Root: root, Guest: "/"}}}, "read", "/file"); got != "hello" {
			t.Errorf("got %q", got)
		}
	}
}

// TestDirErrors has directories that no instance starts with.
func TestDirErrors(t *testing.T) {
	host := t.TempDir()
	for want, d := range map[string]wasi.Dir{
		"directory 1: no path for the guest":     {Host: host},
		"directory 1: no directory of the host":  {Guest: "/"},
		"directory 1: open " + host + "/missing": {Host: host + "/missing", Guest: "/"},
	} {
		c := wasi.Config{Dirs: []wasi.Dir{{Host: host, Guest: "/ok"}, d}}
		_, err := component(t, "files.wasm").Instantiate(t.Context(), rt.InstanceConfig{Imports: wasi.Imports(c)})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestManyFiles lists a directory of many entries, and copies what is larger than
// all buffers.
func TestManyFiles(t *testing.T) {
	host := t.TempDir()
	for i := range 5000 {
		write(t, filepath.Join(host, fmt.Sprint("a file with a name of some length ", i)), "")
	}
	c := wasi.Config{Dirs: []wasi.Dir{{Host: host, Guest: "/", Write: true}}}
	if got, _ := files(t, c, "count", "/"); got != "5000\n" {
		t.Errorf("%s entries", got)
	}
	if got, _ := files(t, c, "fill", "/big", fmt.Sprint(5<<20+123)); got != "" {
		t.Error(got)
	}
	if got, _ := files(t, c, "copy", "/big", "/again"); got != "" {
		t.Error(got)
	}
	a, _ := os.ReadFile(filepath.Join(host, "big"))
	b, _ := os.ReadFile(filepath.Join(host, "again"))
	if len(a) != 5<<20+123 || !bytes.Equal(a, b) {
		t.Errorf("%d and %d bytes", len(a), len(b))
	}
}

// BenchmarkFiles copies a file of 1 GiB, and reads it, in a guest and beside it: by
// io.Copy with a buffer (by:floor), and as it is between files (by:io.Copy), which
// on Linux has the kernel copy.
func BenchmarkFiles(b *testing.B) {
	const size = 1 << 30
	host := b.TempDir()
	from, to := filepath.Join(host, "from"), filepath.Join(host, "to")
	f, err := os.Create(from)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.Copy(f, io.LimitReader(zeros{}, size)); err != nil {
		b.Fatal(err)
	}
	f.Close()
	c := wasi.Config{Dirs: []wasi.Dir{{Host: host, Guest: "/", Write: true}}}
	guest := func(args ...string) func(*testing.B) {
		return func(b *testing.B) {
			component(b, "files.wasm")
			b.SetBytes(size)
			for b.Loop() {
				if got, _ := files(b, c, args...); got != "" {
					b.Fatal(got)
				}
			}
		}
	}
	b.Run("what=copy/by=floor", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			hostCopy(b, from, to, false)
		}
	})
	b.Run("what=copy/by=io.Copy", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			hostCopy(b, from, to, true)
		}
	})
	b.Run("what=copy/by=witgen", guest("copy", "/from", "/to"))
	b.Run("what=read/by=floor", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			hostCopy(b, from, os.DevNull, false)
		}
	})
	b.Run("what=read/by=witgen", guest("drain", "/from"))
	b.Run("what=write/by=witgen", guest("fill", "/to", fmt.Sprint(size)))
}

// hostCopy copies a file by io.Copy: by a buffer, as it is where the system cannot
// do it by itself, or as the system does.
func hostCopy(b *testing.B, from, to string, system bool) {
	r, err := os.Open(from)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	w, err := os.Create(to)
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	var dst io.Writer = struct{ io.Writer }{w}
	if system {
		dst = w
	}
	var src io.Reader = struct{ io.Reader }{r}
	if system {
		src = r
	}
	if _, err := io.Copy(dst, src); err != nil {
		b.Fatal(err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
