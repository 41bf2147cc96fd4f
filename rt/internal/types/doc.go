// Package types gives types to the definitions of a decoded component and
// validates it.
//
// [Check] walks a component in the order of its file, as the specification's
// index spaces are built, and returns it with the types that later phases ask
// for. Value types are those of package wit, so that text, layout and
// flattening are the same for a host's WIT and a guest's binary. Names,
// visibility, instantiation, core linking and canonical definitions are checked
// as the specification says; bodies of core functions are not looked at. What is
// valid and beyond the runtime is reported only when nothing is invalid.
//
// Value types are compared by their structure, resources by identity: each
// definition, each import and each instantiation makes a resource of its own.
// Whether the outside can name a type is a matter of its index, though: two
// indices of one record differ in it, which is why imports and exports of types
// introduce a *wit.TypeDef each.
//
// Components are hostile: walks over types visit what is shared once or take
// from a budget of steps, types are bounded in size and depth.
//
// See Binary.md; Explainer.md "Type Checking", "Import and Export Definitions";
// CanonicalABI.md "Canonical Definitions".
package types
