package plugin

import (
	"context"

	"github.com/witgen/witgen/rt"
)

// Client is an instance of a plugin, as the generated package of its world has
// it: a struct with a field for each interface that the world exports. It says
// what the plugin lacks of what is optional there.
type Client interface {
	comparable
	Close(ctx context.Context) error
	RT() *rt.Instance
}

// Prepared is a component that fits a world, with the Imports of that world, as
// generated packages have it.
type Prepared[C Client, I any] interface {
	Instantiate(ctx context.Context, imports I, config rt.InstanceConfig) (C, error)
}

// World says how plugins of a WIT world are run, and what happens in their
// lives. [Of] makes it of a generated package; the other fields may be set after
// that. Where Init, Stop, Metadata or Health is nil, the function is called that
// the policy's lifecycle names, if it names one.
type World[C Client] struct {
	// Link compares a component with the world, and returns what starts instances
	// of it. It runs no code of the component.
	Link func(component *rt.Component) (Start[C], error)

	// Name is the WIT world's, "ns:pkg/world@1.0.0". A policy that is for another one
	// loads nothing; other versions of its compatibility track are no other one.
	Name string

	// Older are the names of the older versions that its plugins may be of too. A
	// policy may be for one of those: it says as much of plugins of the newest.
	Older []string

	// Contract is the digest of what the host and its plugins have agreed on, as
	// [rt.World.Digest] returns it. It is part of what a revision is: a plugin that
	// failed is tried again by a host of another contract.
	Contract Digest

	// Init, if it is not nil, is called with each instance before it serves calls,
	// with what the plugin's policy has as its configuration. If it fails the
	// instance does not serve; if that is the first of a revision, neither does the
	// revision.
	Init func(ctx context.Context, client C, config map[string]string) error

	// Stop, if it is not nil, is called with each instance that served calls, and
	// still can, before it is closed. What it returns is logged.
	Stop func(ctx context.Context, client C) error

	// Metadata, if it is not nil, asks a revision once what it says of itself.
	Metadata func(ctx context.Context, client C) (Metadata, error)

	// Health, if it is not nil, asks an instance of its own whether the plugin
	// can do its work: when a revision is probed, and at [Control.Probe].
	Health func(ctx context.Context, client C) error

	// Save and Restore, if they are not nil, hand what a plugin knows from the
	// last instance of a revision to the first of the next one. They are for
	// plugins of one instance, and are called while no call runs.
	Save    func(ctx context.Context, client C) ([]byte, error)
	Restore func(ctx context.Context, client C, state []byte) error

	// Fallback, if it is not the zero value, serves calls while the plugin is
	// unavailable, where its policy says so: a client made by hand, of what the
	// host has itself for the interfaces of the world.
	Fallback C

	whole *rt.World // what Link compares with, as far as that is known
}

// Start starts an instance.
type Start[C Client] func(ctx context.Context, config rt.InstanceConfig) (C, error)

// Metadata is what a plugin says of itself: text by somebody else, which nothing
// is decided by.
type Metadata struct {
	Name, Version, Description string
}

// Of returns the world of a generated package. Prepare is that package's
// function; imports returns what an instance is given, and is called for each,
// so that what it returns may have state that no other instance sees.
//
//	world := plugin.Of(greeter.Prepare, func() greeter.Imports {
//		return greeter.Imports{HostAPI: host{}}
//	})
func Of[C Client, I any, P Prepared[C, I]](prepare func(*rt.Component) (P, error), imports func() I) World[C] {
	var name string
	var older []string
	var contract Digest
	var whole *rt.World
	if w, ok := any(*new(P)).(interface{ World() rt.World }); ok {
		world := w.World()
		name, contract, whole = world.Name, world.Digest(), &world
		for _, o := range world.Older {
			older = append(older, o.Name)
		}
	}
	return World[C]{Name: name, Older: older, Contract: contract, whole: whole, Link: func(component *rt.Component) (Start[C], error) {
		p, err := prepare(component)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context, config rt.InstanceConfig) (C, error) {
			return p.Instantiate(ctx, imports(), config)
		}, nil
	}}
}

// world is a [World] without its type.
type world struct {
	name     string
	older    []string
	contract Digest
	whole    *rt.World // nil if Link was written by hand
	link     func(component *rt.Component) (func(ctx context.Context, config rt.InstanceConfig) (client, error), error)
	init     func(ctx context.Context, c client, config map[string]string) error
	stop     func(ctx context.Context, c client) error
	metadata func(ctx context.Context, c client) (Metadata, error)
	health   func(ctx context.Context, c client) error
	save     func(ctx context.Context, c client) ([]byte, error)
	restore  func(ctx context.Context, c client, state []byte) error
}

// only returns the world's name, if plugins are of no other one.
func (w *world) only() string {
	if len(w.older) > 0 {
		return ""
	}
	return w.name
}

// erase returns the world without its type.
func (w World[C]) erase() world {
	e := world{name: w.Name, older: w.Older, contract: w.Contract, whole: w.whole, link: func(component *rt.Component) (func(ctx context.Context, config rt.InstanceConfig) (client, error), error) {
		start, err := w.Link(component)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context, config rt.InstanceConfig) (client, error) {
			c, err := start(ctx, config)
			if err != nil {
				return nil, err // and no client, not even one that is nil
			}
			return c, nil
		}, nil
	}}
	if w.Init != nil {
		e.init = func(ctx context.Context, c client, config map[string]string) error { return w.Init(ctx, c.(C), config) }
	}
	if w.Stop != nil {
		e.stop = func(ctx context.Context, c client) error { return w.Stop(ctx, c.(C)) }
	}
	if w.Metadata != nil {
		e.metadata = func(ctx context.Context, c client) (Metadata, error) { return w.Metadata(ctx, c.(C)) }
	}
	if w.Health != nil {
		e.health = func(ctx context.Context, c client) error { return w.Health(ctx, c.(C)) }
	}
	if w.Save != nil && w.Restore != nil {
		e.save = func(ctx context.Context, c client) ([]byte, error) { return w.Save(ctx, c.(C)) }
		e.restore = func(ctx context.Context, c client, state []byte) error { return w.Restore(ctx, c.(C), state) }
	}
	return e
}
