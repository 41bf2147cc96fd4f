package wasi_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
)

// raw runs the command that calls WASI itself.
func raw(t *testing.T, limits rt.Limits, c wasi.Config, args string) result {
	t.Helper()
	var stdout bytes.Buffer
	if c.Stdout == nil {
		c.Stdout = &stdout
	}
	c.Args = append([]string{"raw"}, strings.Fields(args)...)
	code, err := wasi.Run(t.Context(), component(t, "raw.wasm"), rt.InstanceConfig{Limits: limits}, c)
	return result{code: code, err: err, stdout: stdout.String()}
}

// TestRaw calls what std does not.
func TestRaw(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		berlin = time.FixedZone("CEST", 7200)
	}
	for _, test := range []struct {
		args   string
		config wasi.Config
		want   result
	}{
		{args: "exit 0"},
		{args: "exit 3", want: result{code: 3}},
		{args: "exit 255", want: result{code: 255}},
		{args: "cwd", want: result{stdout: "None\n"}},
		{args: "cwd", config: wasi.Config{Dir: "/work"}, want: result{stdout: "Some(\"/work\")\n"}},
		{args: "terminals", config: wasi.Config{Terminal: true}, want: result{stdout: "false false false\n"}},
		{args: "timezone 1783000000", want: result{stdout: "UTC 0 false 0\n"}},
		{args: "timezone 1783000000", config: wasi.Config{Location: berlin}, want: result{stdout: "CEST 7200 true 7200\n"}},
		{args: "random 1000", want: result{stdout: "1000 true\n"}},
		{args: "insecure 1000", config: wasi.Config{Random: zeroes{}}, want: result{stdout: "1000 0\n"}},
		{args: "seed", config: wasi.Config{Random: zeroes{}}, want: result{stdout: "(0, 0)\n"}},
		{args: "clock", want: result{stdout: "true 1 Datetime { seconds: 0, nanoseconds: 1 }\n"}},
		{args: "clock", config: wasi.Config{Clock: &still{}}, want: result{stdout: "true 1 Datetime { seconds: 0, nanoseconds: 1 }\n"}},
		{args: "poll-many 1000", want: result{stdout: "[999, 1000]\n"}},
		{args: "poll-many 60000", want: result{stdout: "[59999, 60000]\n"}},
		{args: "read 18446744073709551615", config: wasi.Config{Stdin: strings.NewReader(strings.Repeat("x", 100_000))}, want: result{stdout: "Ok(65536)\n"}},
		{args: "read 18446744073709551615", want: result{stdout: "Err(\"closed\")\n"}},
		{args: "streams", want: result{stdout: "one two three\n"}},
		{args: "splice 7", config: wasi.Config{Stdin: strings.NewReader(strings.Repeat("hello ", 20_000))}, want: result{stdout: strings.Repeat("hello ", 20_000)}},
		{args: "splice 18446744073709551615", config: wasi.Config{Stdin: io.LimitReader(strings.NewReader("hello"), 9)}, want: result{stdout: "hello"}},
	} {
		if got := raw(t, rt.Limits{}, test.config, test.args); got != test.want {
			t.Errorf("%s: got %+v, want %+v", test.args, got, test.want)
		}
	}
	if a, b := raw(t, rt.Limits{}, wasi.Config{}, "seed"), raw(t, rt.Limits{}, wasi.Config{}, "seed"); a.stdout == b.stdout || a.err != nil || b.err != nil {
		t.Errorf("two instances have one seed: %+v", a)
	}
}

// TestRawTraps has guests break rules, and ask for more than there may be.
func TestRawTraps(t *testing.T) {
	for args, want := range map[string]struct {
		kind rt.TrapKind
		text string
		err  error
	}{
		"poll-none":                         {kind: rt.TrapHost, text: "the list of pollables is empty"},
		"parent-first":                      {kind: rt.TrapHost, err: poll.ErrChildren},
		"write 1048577":                     {kind: rt.TrapHost, text: "1048577 bytes, 1048576 are permitted"},
		"write-zeroes 18446744073709551615": {kind: rt.TrapHost, text: "18446744073709551615 bytes, 1048576 are permitted"},
		"random 67108865":                   {kind: rt.TrapHost, text: "67108864 are permitted"},
		"random 18446744073709551615":       {kind: rt.TrapHost, text: "67108864 are permitted"},
		"insecure 18446744073709551615":     {kind: rt.TrapHost, text: "67108864 are permitted"},
		"handles 2000":                      {kind: rt.TrapLimit, err: rt.ErrLimit},
	} {
		var out bytes.Buffer
		got := raw(t, rt.Limits{Handles: 1000}, wasi.Config{Stdout: &out}, args)
		trap, ok := errors.AsType[*rt.Trap](got.err)
		if !ok || trap.Kind != want.kind || !strings.Contains(trap.Text, want.text) || want.err != nil && !errors.Is(trap, want.err) {
			t.Errorf("%s: got %+v", args, got)
		}
		if out.Len() > 0 {
			t.Errorf("%s: it printed %q", args, out.String())
		}
	}
}

// TestRawTimers has a guest make and drop timers: they leave nothing behind.
func TestRawTimers(t *testing.T) {
	component(t, "raw.wasm")
	before := runtime.NumGoroutine()
	if got := raw(t, rt.Limits{}, wasi.Config{}, "timers 10000"); got != (result{}) {
		t.Errorf("got %+v", got)
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines, %d before", n, before)
	}
}

// TestRawFlood asks for as much as there may be: the host's memory stays bounded.
func TestRawFlood(t *testing.T) {
	component(t, "raw.wasm")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	go func() {
		defer w.Close()
		p := make([]byte, 1<<20)
		for range 64 {
			if _, err := w.Write(p); err != nil {
				return
			}
		}
	}()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := raw(t, rt.Limits{}, wasi.Config{Stdin: r, Stdout: io.Discard}, "splice 18446744073709551615")
	runtime.ReadMemStats(&after)
	if got != (result{}) {
		t.Errorf("got %+v", got)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 16<<20 {
		t.Errorf("%d bytes were allocated for 64 MiB", n)
	}
}
