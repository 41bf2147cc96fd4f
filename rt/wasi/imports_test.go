package wasi

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/witgen/witgen/rt"
)

// TestEndLate ends an instance with a context that is done: what its streams
// have of the host's is given back all the same, as soon as nothing uses it.
func TestEndLate(t *testing.T) {
	ours, theirs := net.Pipe()
	defer ours.Close()
	defer theirs.Close()
	var log strings.Builder
	var mu sync.Mutex
	lines := slog.New(slog.NewTextHandler(writer(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return log.Write(p)
	}), nil))
	h, _ := begin(Config{Stdin: ours, Stdout: Lines(lines, slog.LevelInfo)})
	if err := h.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	in, _ := h.stdio.GetStdin(t.Context())
	if p, err := in.Read(t.Context(), 1); len(p) > 0 || err != nil { // which begins to read
		t.Fatalf("read: %q, %v", p, err)
	}
	out, _ := h.stdio.GetStdout(t.Context())
	if err := out.Write(t.Context(), []byte("no end")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.close(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("close: %v", err)
	}
	logged := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return strings.Contains(log.String(), "no end")
	}
	for tries := 0; !logged(); tries++ {
		if tries == 60_000 {
			t.Fatal("the last line is not logged")
		}
		time.Sleep(time.Millisecond)
	}
	go theirs.Write([]byte("x"))
	var p [1]byte
	if _, err := ours.Read(p[:]); err != nil {
		t.Errorf("the host can no longer read what was stdin: %v", err)
	}
}

type writer func(p []byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// TestImportsTwice gives the same imports to many instances that start at one
// time: one of them gets them.
func TestImportsTwice(t *testing.T) {
	all := Imports(Config{})
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for range cap(errs) {
		wg.Go(func() { errs <- open(t.Context(), all) })
	}
	wg.Wait()
	close(errs)
	opened := 0
	for err := range errs {
		switch {
		case err == nil:
			opened++
		case !errors.Is(err, errTwice):
			t.Error(err)
		}
	}
	if opened != 1 {
		t.Errorf("%d instances have them", opened)
	}
}

func open(ctx context.Context, all []rt.Import) error {
	for _, im := range all {
		if im.Open != nil {
			if err := im.Open(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}
