package wasi_test

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi"
)

// TestBadInput has guests ask for what cannot be, and bounds what the host
// allocates for that. Requests and responses that are wrong are in packages
// wasihttp and web.
func TestBadInput(t *testing.T) {
	component(t, "raw.wasm")
	for _, test := range []struct {
		args  string
		stdin io.Reader
		want  string      // printed
		kind  rt.TrapKind // if it is not printed
		err   error
		text  string
		most  uint64 // bytes allocated
	}{
		{args: "read 18446744073709551615", stdin: endless{}, want: "Ok(65536)\n", most: 2 << 20},
		{args: "splice 18446744073709551615", stdin: io.LimitReader(endless{}, 64<<20), want: strings.Repeat("\x00", 64<<20), most: 2 << 20},
		{args: "random 18446744073709551615", kind: rt.TrapHost, text: "67108864 are permitted", most: 2 << 20},
		{args: "insecure 18446744073709551615", kind: rt.TrapHost, text: "67108864 are permitted", most: 2 << 20},
		{args: "write-zeroes 18446744073709551615", kind: rt.TrapHost, text: "65536 are permitted", most: 2 << 20},

		// Lists whose length is a lie.
		{args: "poll-lie 1000000", kind: rt.TrapABI, text: "out of bounds", most: 2 << 20},
		{args: "poll-lie 1073741823", kind: rt.TrapABI, text: "out of bounds", most: 2 << 20},
		{args: "poll-lie 1073741824", kind: rt.TrapABI, text: "out of bounds", most: 2 << 20},
		{args: "poll-lie 4294967295", kind: rt.TrapABI, text: "out of bounds", most: 2 << 20},
		// One that is true, and one of more than may be lifted.
		{args: "poll-same 1000000", want: "1000000\n", most: 256 << 20},
		{args: "poll-same 20000000", kind: rt.TrapLimit, err: rt.ErrLimit, text: "Limits.Lift", most: 2 << 20},

		{args: "handles 65000", want: "65000\n", most: 32 << 20},
		{args: "handles 1000000", kind: rt.TrapLimit, err: rt.ErrLimit, text: "Limits.Handles", most: 32 << 20},
	} {
		out := &counter{}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got := raw(t, rt.Limits{}, wasi.Config{Stdin: test.stdin, Stdout: out}, test.args)
		runtime.ReadMemStats(&after)
		if test.kind == 0 {
			if got.err != nil || out.n != len(test.want) {
				t.Errorf("%s: %d bytes of output, %v", test.args, out.n, got.err)
			}
		} else if trap, ok := errors.AsType[*rt.Trap](got.err); !ok || trap.Kind != test.kind || !strings.Contains(trap.Text, test.text) || !errors.Is(trap, test.err) && test.err != nil {
			t.Errorf("%s: got %+v, want %v, %q", test.args, got, test.kind, test.text)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > test.most {
			t.Errorf("%s: %d bytes were allocated, at most %d are right", test.args, n, test.most)
		}
	}
}

// endless is bytes without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// counter counts what is written to it.
type counter struct{ n int }

func (c *counter) Write(p []byte) (int, error) { c.n += len(p); return len(p), nil }
