// Package yamltext reads YAML into Go values and writes it, by the json tags
// that the values have for encoding/json: one set of names for both.
//
// It reads less than YAML has, since what it reads is reviewed by people and may
// come from anybody: each key is known and there once, each value is of the type
// that it should be, there are no anchors, aliases and tags, and a file is of one
// document and of limited size. Whatever is wrong is told with its place, all of
// it in one run, and what is right has its place too: see [Document.At].
package yamltext
