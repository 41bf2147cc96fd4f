// Package settings gives guests their configuration: wasi:config.
package settings

import (
	"context"
	"maps"
	"slices"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/draft/config/store"
	"github.com/witgen/witgen/rt/wasi/draft/config/v0_2_0_draft/runtime"
	"github.com/witgen/witgen/rt/wasi/internal/told"
)

// maxKey is how many bytes the key of a setting may have: none has a longer one.
const maxKey = 64 << 10

// failed is what guests are told of errors that are not for them.
const failed = "the configuration cannot be read"

// Source is where settings come from.
type Source interface {
	Get(ctx context.Context, key string) (value string, ok bool, err error)
	All(ctx context.Context) (map[string]string, error)
}

// Store is wasi:config/store. Without a source there are no settings.
type Store struct{ Source Source }

// Runtime is wasi:config/runtime, which is the store under its former name.
type Runtime struct{ Source Source }

var (
	_ store.Store     = Store{}
	_ runtime.Runtime = Runtime{}
)

// Get returns the value of a key.
func (s Store) Get(ctx context.Context, key string) (cm.Option[string], error) {
	v, err := get(ctx, s.Source, key)
	return v, s.tell(ctx, err)
}

// GetAll returns all settings.
func (s Store) GetAll(ctx context.Context) ([]cm.Tuple2[string, string], error) {
	list, err := all(ctx, s.Source)
	return list, s.tell(ctx, err)
}

func (Store) tell(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ended := told.Ended(ctx); ended != nil {
		return ended
	}
	return store.ErrorUpstream{Value: told.Text(err, failed)}
}

// Get returns the value of a key.
func (r Runtime) Get(ctx context.Context, key string) (cm.Option[string], error) {
	v, err := get(ctx, r.Source, key)
	return v, r.tell(ctx, err)
}

// GetAll returns all settings.
func (r Runtime) GetAll(ctx context.Context) ([]cm.Tuple2[string, string], error) {
	list, err := all(ctx, r.Source)
	return list, r.tell(ctx, err)
}

func (Runtime) tell(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ended := told.Ended(ctx); ended != nil {
		return ended
	}
	return runtime.ConfigErrorUpstream{Value: told.Text(err, failed)}
}

func get(ctx context.Context, from Source, key string) (cm.Option[string], error) {
	if from == nil || len(key) > maxKey {
		return cm.None[string](), nil
	}
	v, ok, err := from.Get(ctx, key)
	return cm.OptionOf(v, ok && err == nil), err
}

// all returns the settings in the order of their keys.
func all(ctx context.Context, from Source) ([]cm.Tuple2[string, string], error) {
	if from == nil {
		return nil, nil
	}
	m, err := from.All(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]cm.Tuple2[string, string], 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		list = append(list, cm.T2(key, m[key]))
	}
	return list, nil
}
