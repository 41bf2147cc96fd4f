// Package wast runs scripts of the WebAssembly test suites: command lists in
// JSON, with the components that they name as binaries beside them. A command
// starts a component, calls it, or says what must go wrong.
//
// [Files] finds scripts, [Run] runs one, command after command, on an engine of
// its own, and returns a [Report] with what came of each command. Components may
// import what suites expect of the world around them: instances that the script
// has registered, and a few test functions and resources.
//
// A form that needs more than the engine has is named, with the reason, in a
// [List]. It is run all the same, and fails if it passes after all, so that a
// list can only shrink. What is not in a list is demanded.
package wast
