// Package echo makes components for tests: guests of any world, whatever the
// types of its functions are, that pass each call on and hand back what comes
// of it.
//
// The guest never looks at a value. A function that it exports takes the core
// values of its arguments, or the pointer to them, and calls an imported
// function of the same type with just those; when the result goes through
// memory, it allocates room for that first, and returns the pointer. So each
// value is lowered into the guest, lifted out of it, and the same once more on
// the way back, and whatever arrives otherwise than it was sent is a fault of
// the runtime or of the glue. The guest's memory helps to find those: fresh
// allocations are full of junk, as far from aligned as is allowed, move when
// they are resized, and are overwritten by the post-return, which has to be
// called once after each call.
//
// [Component] makes one such guest and [Chain] a component of several, each of
// which calls the next one, with string encodings of their own: calls between
// component instances. [Random] makes worlds to have guests of.
//
// # Generated code against the runtime's dynamic calls
//
// One Go interface stands for a WIT interface, be it imported or exported, so
// generated packages can be tested without any code written for their types.
// Of the text of a random world, wit.Print(world.Package), generate the
// packages, and instantiate the guest of the world twice. The host of the first
// guest is the second one's export as generated code has it: the field of the
// exported interface goes into the field of the imported one. The host of the
// second guest is dynamic, an rt.HostInstance that notes its arguments and
// returns a value of the result's type; a dynamic call of the first guest's
// function then goes through generated code four times:
//
//	rt.Func.Call -> guest 1 -> generated import -> generated export -> guest 2 -> rt.HostFunc
//
// What the host gets has to be what the call was made with, and the result what
// the host returned. Package internal/echo/values has random values and
// compares them; a map of generated code has each key once, so its [Shape] or
// its values should leave out others.
package echo
