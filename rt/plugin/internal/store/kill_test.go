package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// childDir is where a process that a test starts has its directory.
const childDir = "STORE_TEST_CHILD"

// TestMain runs the tests, or what a test runs in a process of its own.
func TestMain(m *testing.M) {
	path := os.Getenv(childDir)
	if path == "" {
		os.Exit(m.Run())
	}
	if err := writeForEver(path); err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
}

// writeForEver stores one state after the other, and says so on standard
// output.
func writeForEver(path string) error {
	ctx := context.Background()
	d, err := Open(path)
	if err != nil {
		return err
	}
	s, err := d.Load()
	if err != nil {
		return err
	}
	fmt.Println("open", at(s))
	for n := at(s) + 1; ; n++ {
		h, err := d.Put(ctx, codeOf(n))
		if err != nil {
			return err
		}
		fmt.Println("try", n)
		if err := d.Update(ctx, advance(n)); err != nil {
			return err
		}
		fmt.Println("done", n)
		h.Release()
		if _, err := d.Collect(ctx); err != nil {
			return err
		}
	}
}

// child is a process that runs writeForEver.
type child struct {
	cmd         *exec.Cmd
	lines       *bufio.Scanner
	tried, done int
}

func startChild(t *testing.T, path string) *child {
	t.Helper()
	if runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
		t.Skip("processes cannot be started")
	}
	self, err := os.Executable()
	then(t, err)
	c := &child{cmd: exec.Command(self)}
	c.cmd.Env = append(os.Environ(), childDir+"="+path)
	out, err := c.cmd.StdoutPipe()
	then(t, err)
	then(t, c.cmd.Start())
	c.lines = bufio.NewScanner(out)
	if !c.read(t) {
		t.Fatal("the process has ended")
	}
	return c
}

// read reads the next line; it is false at the end.
func (c *child) read(t *testing.T) bool {
	t.Helper()
	if !c.lines.Scan() {
		return false
	}
	var n int
	what, rest, _ := strings.Cut(c.lines.Text(), " ")
	if _, err := fmt.Sscan(rest, &n); err != nil {
		t.Fatalf("the process says %q", c.lines.Text())
	}
	switch what {
	case "open":
		c.tried, c.done = n, n
	case "try":
		c.tried = n
	case "done":
		c.done = n
	default:
		t.Fatalf("the process says %q", c.lines.Text())
	}
	return true
}

// kill kills the process and reads all that it has said before.
func (c *child) kill(t *testing.T) {
	t.Helper()
	then(t, c.cmd.Process.Kill())
	for c.read(t) {
	}
	_ = c.cmd.Wait() // it was killed
}

// TestKill kills a process that stores states and code, again and again, and
// opens what it has left.
func TestKill(t *testing.T) {
	times := 200
	if testing.Short() {
		times = 30
	}
	path := t.TempDir()
	rng := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	var last, between, stored int
	for range times {
		c := startChild(t, path)
		if c.done < last {
			t.Fatalf("the process finds %d, want %d at least", c.done, last)
		}
		for range rng.IntN(8) {
			c.read(t)
		}
		pause := time.NewTimer(time.Duration(rng.IntN(8_000)) * time.Microsecond)
		<-pause.C // nothing tells when it is in the middle of something
		c.kill(t)
		d, err := Open(path)
		then(t, err)
		s, err := d.Load()
		if err != nil || at(s) < c.done || at(s) > c.tried {
			t.Fatalf("at %d, %v; want %d to %d", at(s), err, c.done, c.tried)
		}
		wantWhole(t, d, s)
		if older := d.saved.older.state; older != nil {
			wantWhole(t, d, older)
		} else if at(s) > 1 {
			t.Errorf("at %d: there is no state before", at(s))
		}
		_, err = d.Collect(t.Context())
		then(t, err)
		list, err := d.List()
		then(t, err)
		if len(list) > Newest+1 { // that of the state before, too
			t.Errorf("%d are left after collecting", len(list))
		}
		if aside, err := os.ReadDir(d.at(damagedDir)); err != nil || len(aside) > 0 {
			t.Errorf("%v is damaged, %v", aside, err)
		}
		then(t, d.Close())
		if t.Failed() {
			t.FailNow()
		}
		if c.tried > c.done {
			between++
		}
		stored += at(s) - last
		last = at(s)
	}
	t.Logf("killed %d times, %d of them while a state was being stored, after %d states", times, between, stored)
	if between == 0 || stored == 0 {
		t.Error("the process was never killed while it stored a state")
	}
}

// TestLocked: who opens a directory that is open is told by whom, and has it
// when that is gone, however it went.
func TestLocked(t *testing.T) {
	if !locks {
		t.Skip("the system has no locks")
	}
	path := t.TempDir()
	c := startChild(t, path)
	_, err := Open(path)
	locked, ok := errors.AsType[*LockedError](err)
	if !ok || locked.PID != c.cmd.Process.Pid || !strings.HasSuffix(locked.Error(), fmt.Sprintf(": process %d has it open", locked.PID)) {
		t.Errorf("%v; want process %d", err, c.cmd.Process.Pid)
	}
	c.kill(t)
	d := openDir(t, path)
	_, err = Open(path)
	if locked, ok := errors.AsType[*LockedError](err); !ok || locked.PID != os.Getpid() || locked.Path != d.Path() {
		t.Errorf("%v; want this process", err)
	}
	then(t, d.Close())
	openDir(t, path)
}
