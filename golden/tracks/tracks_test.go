// Package tracks_test has one host, which is written for version 0.3 of the world
// tracks, run guests of all its versions.
package tracks_test

//go:generate go run ../../cmd/witgen generate
