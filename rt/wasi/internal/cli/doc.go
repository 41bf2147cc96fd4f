// Package cli gives guests what a command has: arguments, an environment,
// standard streams, an exit. See wasi:cli.
package cli
