package rt_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
)

// TestOpen starts instances with imports that have something for each.
func TestOpen(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	c := spinner.compile(t, e)
	linked, err := c.Link(rt.World{})
	if err != nil {
		t.Fatal(err)
	}
	host := hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": sameValue})
	wrong := errors.New("wrong")
	tests := []struct {
		name   string
		open   error
		panics bool
		close  error
		want   []string // calls, in order
		err    string   // of Instantiate
		closed string   // of Close
	}{
		{name: "both", want: []string{"open a", "open b", "close a", "close b"}},
		{name: "open fails", open: wrong, want: []string{"open a", "open b", "close a"}, err: `import "b:b/b": wrong`},
		{name: "open panics", panics: true, want: []string{"open a", "open b", "close a"}, err: `import "b:b/b": host function panicked: wrong`},
		{name: "close fails", close: wrong, want: []string{"open a", "open b", "close a", "close b"}, closed: "wrong"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var calls []string
			imports := []rt.Import{
				{
					Interface: &abi.Interface{Name: "a:a/a"},
					Open:      func(context.Context) error { calls = append(calls, "open a"); return nil },
					Close:     func(context.Context) error { calls = append(calls, "close a"); return test.close },
				},
				{
					Interface: &abi.Interface{Name: "b:b/b"},
					Open: func(context.Context) error {
						calls = append(calls, "open b")
						if test.panics {
							panic("wrong")
						}
						return test.open
					},
					Close: func(context.Context) error { calls = append(calls, "close b"); return nil },
				},
			}
			in, err := linked.Instantiate(t.Context(), nil, rt.InstanceConfig{Imports: imports, Host: []rt.HostInstance{host}})
			if !says(err, test.err) {
				t.Fatalf("Instantiate = %v, want %q", err, test.err)
			}
			if err == nil {
				if err := in.Close(t.Context()); !says(err, test.closed) {
					t.Errorf("Close = %v, want %q", err, test.closed)
				}
				if err := in.Close(t.Context()); err != nil {
					t.Errorf("Close again = %v", err)
				}
			}
			if !slices.Equal(calls, test.want) {
				t.Errorf("calls = %q, want %q", calls, test.want)
			}
		})
	}
}

// TestTrapStderr asks imports for what the guest said, for traps of guests that
// ran.
func TestTrapStderr(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	c := mangled.compile(t, e)
	host := hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": sameValue})
	long := strings.Repeat("é", 4<<10)
	for name, test := range map[string]struct {
		stderr func() string
		want   string
	}{
		"none":     {nil, ""},
		"some":     {func() string { return "so\xff\n" }, "so\n"},
		"too much": {func() string { return long + "!" }, long[4<<10+2:] + "!"},
		"panics":   {func() string { panic("wrong") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			im := rt.Import{Interface: &abi.Interface{Name: "a:a/a"}, Stderr: test.stderr}
			in, err := c.Instantiate(t.Context(), rt.InstanceConfig{Imports: []rt.Import{im}, Host: []rt.HostInstance{host}})
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close(t.Context())
			for _, want := range []string{test.want, ""} { // the second time, nothing runs
				_, err := invoke(t, in, "fails")
				if trap, ok := asTrap(err); !ok || trap.Stderr != want {
					t.Errorf("%v, stderr %.30q of %d, want %.30q of %d", err, trap.Stderr, len(trap.Stderr), want, len(want))
				}
			}
		})
	}
}

// says reports whether an error is nil for an empty text, and else says it.
func says(err error, text string) bool {
	if text == "" {
		return err == nil
	}
	return err != nil && strings.Contains(err.Error(), text)
}
