package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func listen() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }

// server is a process that serves.
type server struct {
	cmd    *exec.Cmd
	url    string
	log    string // the file of its stderr
	before use    // of any request
}

// start starts a process that prints its URL first, with more of an environment.
func (l *load) start(ctx context.Context, args []string, env ...string) (*server, error) {
	f, err := os.CreateTemp(l.dir, "log")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := &server{cmd: exec.CommandContext(ctx, args[0], args[1:]...), log: f.Name()}
	s.cmd.Stderr, s.cmd.Env = f, append(os.Environ(), env...)
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		s.kill()
		return nil, fmt.Errorf("%v printed no URL: %w\n%s", args, err, s.said())
	}
	s.url, s.before = strings.TrimSpace(line), s.use()
	return s, nil
}

// stop has the server end as it does after an interrupt; net/http just ends.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := s.cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Exited() {
		return fmt.Errorf("%w\n%s", err, s.said())
	}
	return nil
}

// kill ends the server if it still runs.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// said returns what the server logged.
func (s *server) said() string {
	b, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// use is what a process has: zero where the system does not tell.
type use struct {
	memory int // resident, in bytes
	heap   int // in use, in bytes; where somebody asked
	files  int // open
}

func (s *server) use() (u use) {
	dir := filepath.Join("/proc", strconv.Itoa(s.cmd.Process.Pid))
	status, _ := os.ReadFile(filepath.Join(dir, "status"))
	if _, rest, ok := strings.Cut(string(status), "VmRSS:"); ok {
		if fields := strings.Fields(rest); len(fields) > 0 {
			kib, _ := strconv.Atoi(fields[0])
			u.memory = kib << 10
		}
	}
	files, _ := os.ReadDir(filepath.Join(dir, "fd"))
	u.files = len(files)
	return u
}

var collection = regexp.MustCompile(`(?m)^gc \d+ .*\d+->\d+->(\d+) MB`)

// live returns how many bytes of the heap were in use after the last collection
// of garbage, of a server that tells. See package runtime, GODEBUG=gctrace=1.
func (s *server) live() (bytes int, err error) {
	all := collection.FindAllStringSubmatch(s.said(), -1)
	if len(all) == 0 {
		return 0, errors.New("the server tells of no collection of garbage")
	}
	mb, err := strconv.Atoi(all[len(all)-1][1])
	return mb << 20, err
}

// settled returns what the server has once all connections that clients have
// left are closed, or after a minute.
func (s *server) settled() use {
	u := s.use()
	for range 600 {
		if u.files <= s.before.files {
			break
		}
		time.Sleep(100 * time.Millisecond)
		u = s.use()
	}
	return u
}

// returned returns the resident memory of a server whose garbage was collected,
// once no more of it is given back to the system, or after a minute.
func (s *server) returned() (bytes int) {
	bytes = s.use().memory
	for still, tries := 0, 0; still < 4 && tries < 60; tries++ {
		time.Sleep(time.Second)
		now := s.use().memory
		if still++; now < bytes-1<<20 {
			still = 0
		}
		bytes = now
	}
	return bytes
}
