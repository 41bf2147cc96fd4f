// Package wave reads and writes the values of [rt.Value] as WAVE, the
// WebAssembly Value Encoding: the text in which people write arguments and
// read results. It looks like WIT:
//
//	bool        true, false
//	u8 … s64    123, -9
//	f32, f64    3.14, 6.022e+23, nan, inf, -inf
//	char        'x', '\n', '\u{2603}'
//	string      "abc\t123", and """ on lines of their own around longer ones
//	tuple       ("abc", 123)
//	list        [1, 2, 3]
//	map         [("a", 1), ("b", 2)], or {"a": 1, "b": 2}
//	record      {width: 3, height: 4}, with {:} for one without fields
//	variant     circle(2), nothing
//	enum        red
//	flags       {read, write}, {}
//	option      some(1), none, or 1
//	result      ok(1), err("no"), ok, err, or 1
//
// Space and comments, from // to the end of the line, may stand between any
// two tokens, and a comma may follow the last part of anything. Fields of a
// record may be in any order, and those that are none may be left out. The
// short forms of option and result, a value without some or ok around it, are
// for values that are neither an option nor a result. A case that is named
// like one of the keywords true, false, some, none, ok, err, inf and nan has a
// percent sign before it; any other label may have one.
//
// A value is read by its type, in one pass and in time linear in the text.
// Handles, streams, futures and error contexts have no text.
//
// The language is that of https://github.com/bytecodealliance/wasm-tools, crate
// wasm-wave. It says nothing of maps: the text of a map<K, V> is that of the
// list<tuple<K, V>> which it is at a component boundary, and the form with
// braces is an addition. A field that the record does not have is an error here,
// and f() may leave out arguments that are options as f(1) may.
//
// The functions of this package may be called by several goroutines at once.
package wave
