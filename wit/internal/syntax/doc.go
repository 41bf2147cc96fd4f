// Package syntax reads the text of WIT files into trees.
//
// [Parse] works in two phases: the lexer turns the whole text into tokens and
// sets comments aside, then the parser builds a [File] from them. Every node
// knows its [Span], so that whatever is found wrong later can be shown in the
// source. Comments that stand before an item are kept raw with it.
//
// A tree says what is written and nothing about what it means: names are not
// looked up, gates do not hide anything, and an item may occur twice. That is
// package wit's part.
//
// See WIT.md of the component model, "Lexical structure" and what follows.
package syntax
