// Package plan turns a checked component into one flat list of steps.
//
// Nested components are inlined: [Build] walks the component as an
// instantiation would, with the definitions that stand for each index in
// hand, and writes down what has to happen. What is left has no component
// instances, aliases or index spaces, only core modules, what their imports
// are bound to, and the host functions and lifted functions at the edges. A
// plan is made once per component; running it makes an instance.
//
// [Plan.String] prints a plan for tests and for people.
package plan
