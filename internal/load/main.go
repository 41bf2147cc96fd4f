// Command load measures witgen serve under load, beside a handler of net/http
// that answers the same, and holds it to what has to be true under any load: no
// request fails but those whose guest traps, and nothing is left of what is over.
//
// It has these parts, each of which prints what it measured:
//
//   - requests per second of the bare handler, of an instance for each request
//     and of instances that are used again, by turns, and the memory that each
//     has before, after the first turn and at the end;
//   - slow clients, all of them in a guest at one time, while others are served;
//   - guests that trap by chance, while others are served.
//
// Load comes from hey, which .ci/go.mod pins. The program is for the root of the
// repository; it ends with 1 if something is not as it has to be.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"time"
)

// component is the guest; it says "hello" for /.
const component = "rt/wasi/wasihttp/testdata/server.wasm"

// load is one run of the program.
type load struct {
	dir     string // has the binaries and the logs
	turn    time.Duration
	turns   int
	clients int
	slow    int
	wrong   []error
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "bare" {
		fmt.Fprintln(os.Stderr, serveBare(os.Stdout))
		os.Exit(1)
	}
	var l load
	flag.DurationVar(&l.turn, "turn", 5*time.Second, "how long one `turn` of load takes")
	flag.IntVar(&l.turns, "turns", 3, "how `many` turns each server has")
	flag.IntVar(&l.clients, "clients", 50, "how `many` clients send requests at a time")
	flag.IntVar(&l.slow, "slow", 10_000, "how `many` slow clients there are at a time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := l.run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// run runs all parts. Its error has all that was not as it has to be.
func (l *load) run(ctx context.Context) (err error) {
	if l.dir, err = os.MkdirTemp("", "load"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(l.dir)) }()
	for name, pkg := range map[string]string{"witgen": "./cmd/witgen", "load": "./internal/load"} {
		build := exec.CommandContext(ctx, "go", "build", "-o", l.bin(name), pkg)
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w\n%s", build, err, out)
		}
	}
	for _, part := range []func(context.Context) error{l.rates, l.slowClients, l.chance} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return errors.Join(l.wrong...)
}

func (l *load) bin(name string) string { return filepath.Join(l.dir, name) }

// check notes and prints what is not as it has to be.
func (l *load) check(ok bool, format string, args ...any) {
	if !ok {
		err := fmt.Errorf(format, args...)
		l.wrong = append(l.wrong, err)
		fmt.Println("WRONG:", err)
	}
}

// rates measures requests per second, by turns.
func (l *load) rates(ctx context.Context) error {
	fmt.Printf("requests per second, %d clients, %d turns of %v each\n", l.clients, l.turns, l.turn)
	kinds := []struct {
		name string
		args []string
	}{
		{"net/http", []string{l.bin("load"), "bare"}},
		{"instance per request", l.serve()},
		{"instances used again", l.serve("--reuse", "1000000")},
	}
	servers := make([]*server, len(kinds))
	for i, k := range kinds {
		s, err := l.start(ctx, k.args)
		if err != nil {
			return err
		}
		defer s.kill()
		servers[i] = s
	}
	rates, first := make([][]float64, len(kinds)), make([]use, len(kinds))
	for turn := range l.turns {
		for i, s := range servers {
			got, err := l.hey(ctx, s.url+"/", l.turn)
			if err != nil {
				return err
			}
			l.check(got.all(200), "%s: %v", kinds[i].name, got)
			rates[i] = append(rates[i], got.rate)
			if turn == 0 {
				first[i] = s.use()
			}
		}
	}
	fmt.Printf("  %-22s %10s %8s   %s\n", "", "median", "of bare", "resident memory: before, after the first turn, at the end")
	for i, s := range servers {
		end := s.use()
		median := slices.Sorted(slices.Values(rates[i]))[l.turns/2]
		bare := slices.Sorted(slices.Values(rates[0]))[l.turns/2]
		fmt.Printf("  %-22s %8.0f/s %8.2f   %s, %s, %s\n", kinds[i].name, median, median/bare, mib(s.before.memory), mib(first[i].memory), mib(end.memory))
		l.kept(kinds[i].name, s, first[i])
		if err := s.stop(); err != nil {
			return fmt.Errorf("%s: %w", kinds[i].name, err)
		}
	}
	return nil
}

// kept checks that a server whose clients have gone has no more than at a time
// before.
func (l *load) kept(name string, s *server, before use) {
	end := s.settled()
	l.check(end.files <= s.before.files, "%s: %d files are open, %d before any request", name, end.files, s.before.files)
	l.check(end.memory <= before.memory*3/2+64<<20, "%s: memory has grown from %s to %s", name, mib(before.memory), mib(end.memory))
}

func mib(n int) string { return fmt.Sprintf("%d MiB", (n+1<<19)>>20) }

// serve returns the command that serves the guest.
func (l *load) serve(args ...string) []string {
	return append([]string{l.bin("witgen"), "serve", component, "--addr", "127.0.0.1:0"}, args...)
}

// serveBare serves what the guest does, without one.
func serveBare(stdout io.Writer) error {
	listener, err := listen()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(stdout, "http://%s\n", listener.Addr()); err != nil {
		return err
	}
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { //nolint:gosec // no timeouts: a measure
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, "hello")
	}))
}
