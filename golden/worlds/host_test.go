package worlds_test

import (
	"context"
	"strings"

	"github.com/witgen/witgen/golden/worlds/store"
	"github.com/witgen/witgen/golden/worlds/worlds"
	"github.com/witgen/witgen/golden/worlds/worlds/clock"
	"github.com/witgen/witgen/golden/worlds/worlds/worldsinternal"
	"github.com/witgen/witgen/rt/cm"
)

// host implements the functions of the world itself.
type host struct {
	worlds.UnimplementedFunctions
	said     []worlds.Message
	notes    []string
	counters []*counter // those that Counters gives
	made     []*counter // those of the guest
	find     func(key string) (string, error)
}

func (h *host) Say(_ context.Context, m worlds.Message) (uint32, error) {
	switch m.Text {
	case "":
		return 0, worlds.RefusalSilent{}
	case "no":
		return 0, worlds.RefusalRude{Value: "not that"}
	}
	h.said = append(h.said, m)
	return uint32(len(m.Text)), nil
}

func (h *host) Note(_ context.Context, text string) error {
	h.notes = append(h.notes, text)
	return nil
}

func (h *host) Find(_ context.Context, key string) (store.Entry, error) {
	v, err := h.find(key)
	if err != nil {
		return nil, err
	}
	return &entry{value: v}, nil
}

func (h *host) Counters(context.Context) ([]worlds.Counter, error) {
	var all []worlds.Counter
	for _, c := range h.counters {
		all = append(all, c)
	}
	return all, nil
}

func (h *host) NewCounter(_ context.Context, start uint32) (worlds.Counter, error) {
	c := &counter{n: start}
	h.made = append(h.made, c)
	return c, nil
}

func (h *host) CounterSum(_ context.Context, a, b worlds.Counter) (uint32, error) {
	return a.(*counter).n + b.(*counter).n, nil
}

// counter is a resource of the world itself.
type counter struct{ n, closed uint32 }

func (c *counter) Add(_ context.Context, n uint32) (uint32, error) {
	c.n += n
	return c.n, nil
}

func (c *counter) Close(context.Context) error {
	c.closed++
	return nil
}

// entry is a resource of the interface store.
type entry struct {
	value  string
	closed int
}

func (e *entry) Value(context.Context) (string, error) { return e.value, nil }

func (e *entry) Close(context.Context) error {
	e.closed++
	return nil
}

// kept implements the interface store.
type kept struct {
	store.UnimplementedStore
	pairs map[string]string
}

func (k kept) Get(_ context.Context, key string) (string, error) {
	v, ok := k.pairs[key]
	if !ok {
		return "", store.ProblemMissing
	}
	return v, nil
}

func (k kept) Put(_ context.Context, p store.Pair) error {
	if p.Key == "" {
		return store.ProblemDenied
	}
	k.pairs[p.Key] = strings.ToUpper(p.Value)
	return nil
}

func (k kept) Open(_ context.Context, key string) (store.Entry, error) {
	return &entry{value: "entry " + key}, nil
}

// at implements the interface clock: it is always that time.
type at clock.Instant

func (a at) Now(context.Context) (clock.Instant, error) { return clock.Instant(a), nil }

// tokens implements the interface internal.
type tokens struct {
	worldsinternal.UnimplementedInternal
}

func (tokens) NewToken(_ context.Context, name string) (worldsinternal.Token, error) {
	return token{name: name}, nil
}

func (tokens) Check(ctx context.Context, t worldsinternal.Token) (bool, error) {
	name, err := t.Name(ctx)
	return name != "bad", err
}

type token struct {
	worldsinternal.UnimplementedToken
	name string
}

func (t token) Name(context.Context) (string, error) { return t.name, nil }

// problem is how functions of the world fail with what is an interface's.
type problem = cm.Err[store.Problem]
