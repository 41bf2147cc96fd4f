package cli

import (
	"errors"
	"slices"
	"testing"

	"github.com/witgen/witgen/rt/cm"
)

// TestEnvironment keeps order and duplicates, and is nothing by default.
func TestEnvironment(t *testing.T) {
	for _, test := range []struct {
		args, vars []string
		dir        string
		want       []cm.Tuple2[string, string]
	}{
		{},
		{
			args: []string{"a", "", "a"}, vars: []string{"B=1", "A=", "B=2=3"}, dir: "/x",
			want: []cm.Tuple2[string, string]{cm.T2("B", "1"), cm.T2("A", ""), cm.T2("B", "2=3")},
		},
	} {
		e, err := NewEnvironment(test.args, test.vars, test.dir)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := e.GetArguments(t.Context()); !slices.Equal(got, test.args) || err != nil {
			t.Errorf("arguments %q, %v", got, err)
		}
		if got, err := e.GetEnvironment(t.Context()); !slices.Equal(got, test.want) || err != nil {
			t.Errorf("environment %q, %v", got, err)
		}
		if got, err := e.InitialCwd(t.Context()); got.Or("") != test.dir || got.IsSome() != (test.dir != "") || err != nil {
			t.Errorf("directory %v, %v", got, err)
		}
	}
}

func TestExit(t *testing.T) {
	for want, exit := range map[int]func(e *Exit) error{
		0:   func(e *Exit) error { return e.Exit(t.Context(), cm.OK[struct{}, struct{}](struct{}{})) },
		1:   func(e *Exit) error { return e.Exit(t.Context(), cm.Fail[struct{}](struct{}{})) },
		255: func(e *Exit) error { return e.ExitWithCode(t.Context(), 255) },
	} {
		var e Exit
		err := exit(&e)
		if got, ok := errors.AsType[*ExitError](err); !ok || got.Code != want || e.Err != got || err.Error() == "" {
			t.Errorf("%v, want %d", err, want)
		}
	}
}
