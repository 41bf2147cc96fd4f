// Package wit is the model of WIT, the interface description language of
// WebAssembly components, and the front end that makes it from text.
//
// [Load] goes through these phases:
//
//   - read: the files of a package, and of those in its deps directory;
//   - parse: each text to a tree, package internal/syntax. With errors in the
//     syntax of any file it ends here;
//   - declare: which packages, interfaces and worlds there are;
//   - order: packages, then the interfaces and worlds of each, and the types
//     of those, so that everything follows what it refers to;
//   - resolve: names to what they mean, gated items dropped;
//   - elaborate: each world, with what it includes and depends on.
//
// [Decode] makes text of a component first, of its bytes by package
// internal/binary, what they stand for by package internal/entity, and drafts
// of interfaces and worlds from those; then it loads the text. So what comes
// from a binary went through the same checks.
//
// The result, a [Package], is plain data that nothing changes any more, safe
// for concurrent use. What is wrong with the text comes back as [Errors], each
// with its place in the source. [Print] gives its text back, [JSON] the form
// that other tools read, and [Closure] cuts it down to a world.
//
// The package neither runs components nor generates code. Loading does not
// check the rules that WIT leaves to the validation of components, such as
// that a record has fields: [Validate] does, for a world.
//
// See WIT.md of the component model.
package wit
