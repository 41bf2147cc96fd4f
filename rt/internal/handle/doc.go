// Package handle holds what component instances refer to by index: a [Table]
// for each instance, the resource [Handle]s in it, and the [Scope] of a call,
// which counts the borrows that may not outlive it.
//
// The words and the rules are those of definitions.py: Table, ResourceHandle,
// ResourceType, num_lends, borrow_scope. Errors are the traps of the guest
// that named the handle, without "wasm trap: ". After one the instance is
// dead, so nothing that the failed operation did is undone.
//
// The package knows neither memories nor calls: running a destructor is left
// to whoever dropped the handle. Nothing here locks; a table and the scopes of
// its calls belong to whoever holds the turn of the instance tree.
package handle
