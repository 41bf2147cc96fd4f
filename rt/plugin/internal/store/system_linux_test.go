package store

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestDisk has a process of its own mount disks: one that is full, one that
// becomes read-only.
func TestDisk(t *testing.T) {
	const inside = "STORE_TEST_DISK"
	if path := os.Getenv(inside); path != "" {
		t.Run("full", func(t *testing.T) { testFull(t, filepath.Join(path, "full")) })
		t.Run("read-only", func(t *testing.T) { testReadOnly(t, filepath.Join(path, "ro")) })
		return
	}
	self, err := os.Executable()
	then(t, err)
	cmd := exec.Command(self, "-test.run=^TestDisk$", "-test.v")
	cmd.Env = append(os.Environ(), inside+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	text := string(out)
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EINVAL) || strings.Contains(text, "--- SKIP") {
		t.Skipf("processes cannot mount here: %v\n%s", err, text)
	}
	if err != nil || !strings.Contains(text, "--- PASS: TestDisk/full") || !strings.Contains(text, "--- PASS: TestDisk/read-only") {
		t.Errorf("%v\n%s", err, text)
	}
}

func mount(t *testing.T, path, options string) {
	t.Helper()
	then(t, os.Mkdir(path, 0o700))
	if err := syscall.Mount("store", path, "tmpfs", 0, options); err != nil {
		t.Skip("mount: ", err)
	}
}

func testFull(t *testing.T, path string) {
	mount(t, path, "mode=700,size=512k")
	d := openDir(t, path)
	put(t, d, 1)
	then(t, d.Update(t.Context(), advance(1)))
	for size := 300_000; size > 100; size = size * 3 / 4 {
		for {
			data := append(make([]byte, size), byte(size), byte(size>>8), byte(len(d.held)))
			_, err := d.Put(t.Context(), data) // held
			if err != nil {
				wantKind(t, "Put", err, Full)
				break
			}
		}
	}
	then(t, d.Update(t.Context(), func(*State) error { return nil }))
	fill := filepath.Join(path, "fill")
	f, err := os.Create(fill)
	then(t, err)
	for err == nil {
		_, err = f.Write(make([]byte, 100))
	}
	then(t, f.Close())
	wantKind(t, "Update", d.Update(t.Context(), func(s *State) error {
		s.Slot("slot").Canary.Step++
		return nil
	}), Full)
	then(t, d.Close())
	d = openDir(t, path) // with no room at all
	s, err := d.Load()
	if err != nil || at(s) != 1 {
		t.Errorf("at %d, %v", at(s), err)
	}
	wantWhole(t, d, s)
	gone, err := d.Collect(t.Context())
	if err != nil || len(gone) == 0 {
		t.Errorf("Collect = %v, %v", gone, err)
	}
	put(t, d, 2) // there is room again
	then(t, d.Update(t.Context(), advance(2)))
}

func testReadOnly(t *testing.T, path string) {
	mount(t, path, "mode=700")
	d := openDir(t, path)
	digest := put(t, d, 1)
	then(t, d.Update(t.Context(), advance(1)))
	readOnly := func(path string) {
		t.Helper()
		then(t, syscall.Mount(path, path, "", syscall.MS_BIND, ""))
		then(t, syscall.Mount("", path, "", syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY, ""))
	}
	readOnly(d.at(codeDir)) // not all of it, as the lock is open for writing
	_, err := d.Put(t.Context(), codeOf(2))
	wantKind(t, "Put", err, ReadOnly)
	then(t, second(d.Get(t.Context(), digest)))
	put(t, d, 1) // there is nothing to be written
	then(t, d.Close())
	readOnly(path)
	_, err = Open(path)
	wantKind(t, "Open", err, ReadOnly)
}
