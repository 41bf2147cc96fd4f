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
// Handles are the exception, since those of a guest are its own: it looks for them in
// the values, exchanges those of its resources for the ones of the host's that they are
// made of, and drops what it was lent.
//
// [Component] makes one such guest and [Chain] a component of several, each of
// which calls the next one, with string encodings of their own: calls between
// component instances. [Random] makes worlds to have guests of.
//
// # Generated code against the runtime's dynamic calls
//
// One Go interface stands for a WIT interface, be it imported or exported, so
// generated packages can be tested without code that knows their types. Take a
// world w, such as a random one, of which wit.Print(w.Package) is the text to
// generate the packages of, and two guests:
//
//   - Component([Apart](w), e), which generated code instantiates. What it
//     imports is nothing that the generated code knows, and comes from a dynamic
//     host, in rt.InstanceConfig.Host: one that notes its arguments and returns
//     a value of the result's type.
//   - Component(w, e), which has the exports of the first one as its imports:
//     what generated code returns for an exported interface goes into its
//     constructor of an import of that interface. It is linked with a world of
//     those, and called dynamically.
//
// So each value takes this way, and back:
//
//	rt.Func.Call -> guest -> generated import -> generated export -> guest -> rt.HostFunc
//
// What the host gets has to be what the call was made with, and the result what
// the host returned. Package internal/echo/values has random values and compares
// them, those with maps after Settled. TestEchoGenerated in rt does this for the
// packages in golden.
package echo
