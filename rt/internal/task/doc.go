// Package task holds the run-time state that calls share: the instance tree
// with its turn and its lockdown, the component instances in it, and the
// tasks that run in them. The words are those of definitions.py.
//
// One goroutine runs a task. One task at a time runs in a tree: whoever holds
// the tree's turn owns everything in it, so nothing else here needs a lock.
package task
