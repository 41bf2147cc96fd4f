// Package store keeps compiled core modules in a directory: for each its bytes
// as they are run and the file of native code that the core runtime made of
// them. What is in the directory is executed, so whoever can write to it can run
// code as the process: it is trusted, but nothing in it is taken to be whole.
//
// Three directories are in it:
//
//	images/<key>/        a core module: image.wasm, native, manifest.json
//	components/<key>     which images a component has
//	tmp/                 what is being made, or is being removed
//
// An image is made in tmp and renamed, and never changed after that, so that
// processes can share the directory without locks: they see an image or they do
// not. One that is damaged is replaced as a whole. Keys say all that the
// contents depend on; how they are made is the caller's business, and so is
// what runs the code.
//
// Methods may be called by several goroutines at once.
package store
