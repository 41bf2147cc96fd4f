// Package plugin runs WebAssembly components as plugins of a Go program that
// stays up: each under a policy of its own, in a pool of instances, replaced
// while calls go on, tried out on a share of them, and taken back when it does
// worse.
//
// A [Host] has slots, and a [Slot] is a named place for plugins of a WIT world,
// with the types that witgen generates for it:
//
//	host, err := plugin.New(ctx, plugin.Config{StateDir: "/var/lib/app", Policy: file})
//	world := plugin.Of(greeter.Prepare, func() greeter.Imports {
//		return greeter.Imports{HostAPI: api{}}
//	})
//	slot, err := plugin.Add(ctx, host, "greeter", world, plugin.Options{
//		Source: plugin.File("plugins/greeter.wasm"), Watch: true,
//	})
//	err = slot.Do(ctx, func(ctx context.Context, g *greeter.Greeter) error {
//		reply, err = g.Greetings.Greet(ctx, "gopher")
//		return err
//	})
//
// # Revisions
//
// What serves calls is a revision: a component with the rights that it has. It
// never changes; other code, another policy, another value of the environment
// make another one. It comes into being by stages, [Settle] to [Warm], and if one
// of them fails the revision before goes on serving, whatever the reason. The one
// that failed is not tried again until [Control.Retry] does. When a new one
// serves, the calls of the one before end where they began, and it is freed after
// the last. See [Control.Load], [Control.Canary] and [Control.Rollback].
//
// With a StateDir all that is known after a restart or a crash: what served serves,
// what was tried out is tried out on the same users, what failed is left alone.
//
// # Rights
//
// What a plugin may do is what its component asks for, its policy grants and the
// operator's ceiling has: see package policy. Nothing is granted by default but
// the limits of [policy.Restricted]. Each denial is an [Event], which says what
// line of the policy would grant it. [Host.Grant] puts another policy file in force
// for all plugins, and [Config.PolicyFile] has that done whenever the file changes.
//
// # Failures
//
// A trap, an exhausted budget or a deadline is the error of one call; the
// instance is thrown away, and the next call has another. A revision whose calls
// keep failing is left alone for a while, [ErrUnavailable], with a probe from time
// to time. What happens to calls meanwhile is for the policy to say: they fail,
// are left out, or are served by the host itself.
//
// [Code] says what the kind of an error is listed by, and [Explain] what such
// errors mostly come from and what to do.
package plugin
