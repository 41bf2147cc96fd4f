// Package pool lends instances to calls: how many there are at once, which are
// used again, and who waits for how long.
package pool
