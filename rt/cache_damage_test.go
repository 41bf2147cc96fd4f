package rt_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
)

// damage is what may happen to a file.
type damage struct {
	name string
	do   func(t *testing.T, path string)
}

// edit changes what is in a file.
func edit(change func(data []byte) []byte) func(t *testing.T, path string) {
	return func(t *testing.T, path string) {
		before, err := os.ReadFile(path)
		then(t, err)
		after := change(bytes.Clone(before))
		if bytes.Equal(before, after) {
			t.Skip("it changes nothing in this file")
		}
		then(t, os.WriteFile(path, after, 0o600))
	}
}

func cut(n int) func(t *testing.T, path string) {
	return edit(func(data []byte) []byte {
		if n < 0 {
			return data[:len(data)+n]
		}
		return data[:len(data)*n/100]
	})
}

func flip(percent int, mask byte) func(t *testing.T, path string) {
	return edit(func(data []byte) []byte {
		data[(len(data)-1)*percent/100] ^= mask
		return data
	})
}

func then(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

var damages = []damage{
	{"empty", cut(0)},
	{"cut at 1 %", cut(1)},
	{"cut in the middle", cut(50)},
	{"cut by 3 bytes", cut(-3)},
	{"cut by a byte", cut(-1)},
	{"longer by a byte", edit(func(data []byte) []byte { return append(data, 0) })},
	{"first bit", flip(0, 1)},
	{"a bit at 10 %", flip(10, 1<<3)},
	{"a bit in the middle", flip(50, 1<<7)},
	{"a bit at 90 %", flip(90, 1<<5)},
	{"last byte", flip(100, 0xff)},
	{"other bytes from the middle on", edit(func(data []byte) []byte {
		for i := len(data) / 2; i < len(data); i++ {
			data[i] = ^data[i]
		}
		return data
	})},
	{"two blocks exchanged", edit(func(data []byte) []byte {
		n := len(data) / 4
		for i := range n {
			data[i], data[2*n+i] = data[2*n+i], data[i]
		}
		return data
	})},
	{"other format", edit(func(data []byte) []byte { return bytes.Replace(data, []byte(`"format": 1`), []byte(`"format": 2`), 1) })},
	{"directory in its place", func(t *testing.T, path string) { then(t, os.Remove(path), os.Mkdir(path, 0o700)) }},
	{"full directory in its place", func(t *testing.T, path string) {
		then(t, os.Remove(path), os.Mkdir(path, 0o700), os.WriteFile(filepath.Join(path, "x"), nil, 0o600))
	}},
	{"link to nothing", func(t *testing.T, path string) { then(t, os.Remove(path), os.Symlink("nothing", path)) }},
	{"link to itself", func(t *testing.T, path string) { then(t, os.Remove(path), os.Symlink(filepath.Base(path), path)) }},
	{"missing", func(t *testing.T, path string) { then(t, os.Remove(path)) }},
	{"open to others", func(t *testing.T, path string) { then(t, os.Chmod(path, 0o666)) }},
	{"unreadable", func(t *testing.T, path string) { then(t, os.Chmod(path, 0)) }},
}

// TestCacheDamage damages each file of an entry in each way. The component works,
// the log has a line, and the entry is good again.
func TestCacheDamage(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes and links are not those of this system")
	}
	whole := cacheDir(t)
	_, images := newCached(t, rt.Config{CacheDir: whole}).use(t, cacheGuest)
	list, err := os.ReadDir(filepath.Join(whole, "images"))
	if err != nil || len(list) != images+1 {
		t.Fatalf("%d images are stored, want %d and the engine's: %v", len(list), images, err)
	}
	first := firstImage(t)
	records, err := os.ReadDir(filepath.Join(whole, "components"))
	if err != nil || len(records) != 1 {
		t.Fatalf("%d components are stored: %v", len(records), err)
	}
	var files []string
	for _, x := range list {
		for _, name := range []string{"manifest.json", "image.wasm", "native"} {
			files = append(files, filepath.Join("images", x.Name(), name))
		}
	}
	record := filepath.Join("components", records[0].Name())
	for i, file := range append(files, record) {
		for j, d := range damages {
			if (i+j)%6 != 0 && i >= 3 && file != record || !applies(d, file) {
				continue // of the other images, a part is enough
			}
			t.Run(filepath.Base(file)+"/"+d.name, func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "cache")
				then(t, os.CopyFS(dir, os.DirFS(whole)))
				private(t, dir)
				if strings.HasPrefix(file, "images") {
					// Without it, the manifest is not read.
					if filepath.Base(file) == "manifest.json" {
						then(t, os.Remove(filepath.Join(dir, record)))
					}
				}
				d.do(t, filepath.Join(dir, file))
				c := newCached(t, rt.Config{CacheDir: dir})
				wantMisses := 1
				if file == record || strings.Contains(file, first) {
					wantMisses = 0
				}
				if hits, misses := c.use(t, cacheGuest); misses != wantMisses || hits != images-wantMisses {
					t.Errorf("%d hits, %d misses; want %d of each image", hits, misses, wantMisses)
				}
				wantLog(t, c, file, d)
				wantWhole(t, dir, images)
			})
		}
	}
}

// firstImage returns the name of the image that an engine itself has.
func firstImage(t *testing.T) string {
	t.Helper()
	dir := cacheDir(t)
	newCached(t, rt.Config{CacheDir: dir})
	list, err := os.ReadDir(filepath.Join(dir, "images"))
	if err != nil || len(list) != 1 {
		t.Fatalf("an engine has stored %v, %v", list, err)
	}
	return list[0].Name()
}

func applies(d damage, file string) bool {
	switch {
	case d.name == "other format":
		return !strings.HasSuffix(file, ".wasm") && !strings.HasSuffix(file, "native")
	case d.name == "unreadable":
		return os.Geteuid() != 0
	}
	return true
}

func wantLog(t *testing.T, c *cached, file string, d damage) {
	t.Helper()
	lines := c.log.lines()
	if strings.HasPrefix(file, "components") && (d.name == "missing" || d.name == "link to nothing") {
		if len(lines) > 0 {
			t.Errorf("log = %q, though nothing is there that is damaged", lines)
		}
		return
	}
	if len(lines) != 1 || !strings.Contains(lines[0], filepath.ToSlash(filepath.Dir(file))) || c.Cache().Faults != 1 {
		t.Errorf("log = %q, want a line that names the entry", lines)
	}
}

// private makes a copied directory the user's alone again.
func private(t *testing.T, dir string) {
	t.Helper()
	for _, pattern := range []string{".", "*", "*/*", "*/*/*"} {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		then(t, err)
		for _, path := range paths {
			info, err := os.Stat(path)
			then(t, err)
			mode := os.FileMode(0o600)
			if info.IsDir() {
				mode = 0o700
			}
			then(t, os.Chmod(path, mode))
		}
	}
}

// TestCacheEntryDamage damages entries as a whole.
func TestCacheEntryDamage(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes and links are not those of this system")
	}
	for _, test := range []struct {
		name  string
		do    func(t *testing.T, one, other string)
		lines int // how many there are of the log
		miss  int
	}{
		{"exchanged", func(t *testing.T, one, other string) {
			then(t, os.Rename(one, one+"x"), os.Rename(other, one), os.Rename(one+"x", other))
		}, 2, 2},
		{"files exchanged", func(t *testing.T, one, other string) {
			for _, name := range []string{"native", "image.wasm", "manifest.json"} {
				then(t, os.Rename(filepath.Join(one, name), one+"x"), os.Rename(filepath.Join(other, name), filepath.Join(one, name)),
					os.Rename(one+"x", filepath.Join(other, name)))
			}
		}, 2, 2},
		{"empty", func(t *testing.T, one, _ string) { then(t, os.RemoveAll(one), os.Mkdir(one, 0o700)) }, 1, 1},
		{"a file", func(t *testing.T, one, _ string) { then(t, os.RemoveAll(one), os.WriteFile(one, nil, 0o600)) }, 1, 1},
		{"gone", func(t *testing.T, one, _ string) { then(t, os.RemoveAll(one)) }, 0, 1},
		{"full of other things", func(t *testing.T, one, _ string) {
			then(t, os.RemoveAll(one), os.MkdirAll(filepath.Join(one, "a", "b"), 0o700), os.WriteFile(filepath.Join(one, "a", "native"), nil, 0o600))
		}, 1, 1},
		{"half written", func(t *testing.T, one, _ string) { then(t, os.Remove(filepath.Join(one, "manifest.json"))) }, 1, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := cacheDir(t)
			_, images := newCached(t, rt.Config{CacheDir: dir}).use(t, cacheGuest)
			list, err := filepath.Glob(filepath.Join(dir, "images", "*"))
			first := firstImage(t)
			list = slices.DeleteFunc(list, func(path string) bool { return filepath.Base(path) == first })
			if err != nil || len(list) != images {
				t.Fatal(list, err)
			}
			test.do(t, list[0], list[1])
			then(t, os.RemoveAll(filepath.Join(dir, "components")), os.Mkdir(filepath.Join(dir, "components"), 0o700))
			c := newCached(t, rt.Config{CacheDir: dir})
			if hits, misses := c.use(t, cacheGuest); misses != test.miss || hits != images-test.miss {
				t.Errorf("%d hits, %d misses; want %d misses of %d", hits, misses, test.miss, images)
			}
			if lines := c.log.lines(); len(lines) != test.lines {
				t.Errorf("log = %q, want %d lines", lines, test.lines)
			}
			wantWhole(t, dir, images)
		})
	}
}
