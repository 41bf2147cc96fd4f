package settings

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/draft/config/store"
	"github.com/witgen/witgen/rt/wasi/draft/config/v0_2_0_draft/runtime"
	"github.com/witgen/witgen/rt/wasi/internal/told"
)

// source is a map, or fails.
type source struct {
	values map[string]string
	err    error
	asked  int
}

func (s *source) Get(_ context.Context, key string) (string, bool, error) {
	s.asked++
	v, ok := s.values[key]
	return v, ok, s.err
}

func (s *source) All(context.Context) (map[string]string, error) { return s.values, s.err }

// config is what both interfaces are.
type config interface {
	Get(ctx context.Context, key string) (cm.Option[string], error)
	GetAll(ctx context.Context) ([]cm.Tuple2[string, string], error)
}

func TestStore(t *testing.T) {
	read(t, func(s Source) config { return Store{s} }, func(text string) error { return store.ErrorUpstream{Value: text} })
}

func TestRuntime(t *testing.T) {
	read(t, func(s Source) config { return Runtime{s} }, func(text string) error { return runtime.ConfigErrorUpstream{Value: text} })
}

func read(t *testing.T, from func(Source) config, upstream func(string) error) {
	t.Helper()
	ctx := t.Context()
	values := map[string]string{"b": "2", "a": "1", "c": ""}
	for _, test := range []struct {
		name string
		from Source
		key  string
		want cm.Option[string]
		all  []cm.Tuple2[string, string]
		err  error
	}{
		{name: "nothing", key: "a"},
		{name: "empty", from: &source{}, key: "a"},
		{name: "there", from: &source{values: values}, key: "b", want: cm.Some("2"), all: []cm.Tuple2[string, string]{cm.T2("a", "1"), cm.T2("b", "2"), cm.T2("c", "")}},
		{name: "failed", from: &source{values: values, err: errors.New("dial 10.0.0.1: refused")}, key: "a", err: upstream(failed)},
		{name: "failed, told", from: &source{err: told.Error("try again")}, err: upstream("try again")},
	} {
		c := from(test.from)
		if got, err := c.Get(ctx, test.key); got != test.want || !errors.Is(err, test.err) {
			t.Errorf("%s: got %v, %v, want %v, %v", test.name, got, err, test.want, test.err)
		}
		if got, err := c.GetAll(ctx); !slices.Equal(got, test.all) || !errors.Is(err, test.err) {
			t.Errorf("%s: got %v, %v, want %v, %v", test.name, got, err, test.all, test.err)
		}
	}

	s := &source{values: values}
	if got, err := from(s).Get(ctx, strings.Repeat("k", maxKey+1)); got.IsSome() || err != nil || s.asked > 0 {
		t.Errorf("a long key: %v, %v, the source was asked %d times", got, err, s.asked)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	s.err = ended.Err()
	if _, err := from(s).Get(ended, "a"); !errors.Is(err, context.Canceled) || errors.Is(err, upstream(failed)) {
		t.Errorf("after the end: %v", err)
	}
	if _, err := from(s).GetAll(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}
