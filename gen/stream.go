package gen

import (
	"github.com/witgen/witgen/gen/internal/printer"
	"github.com/witgen/witgen/wit"
)

// Streams, futures and error contexts have Go types, and so have the functions
// that take or return them. Package rt does not support them: calls of such a
// function fail, and have no glue.

// needs says what a function needs that package rt does not support.
type needs uint8

const (
	needsStream needs = 1 << iota
	needsFuture
	needsErrorContext
)

// String returns what it is: "streams and futures".
func (n needs) String() string {
	var words []string
	for bit, word := range []string{"streams", "futures", "error contexts"} {
		if n&(1<<bit) != 0 {
			words = append(words, word)
		}
	}
	return enumerate(words)
}

// doc says in the documentation of a function that it cannot be called; nothing
// if it can.
func (n needs) doc() printer.Comment {
	if n == 0 {
		return nil
	}
	return printer.Wrap("Calls fail with rt.ErrNotSupported: " + n.String() + " are not supported.")
}

// callable returns the functions that can be called.
func callable(methods []*method) []*method {
	var all []*method
	for _, m := range methods {
		if m.needs == 0 {
			all = append(all, m)
		}
	}
	return all
}

// notSupported returns the error of calls of a function that an instance
// exports.
func (m *method) notSupported(i *iface) printer.Code {
	return abi("NotSupported").Call(printer.String(i.id), printer.String(m.wit.Name), printer.String(m.needs.String()))
}

// notSupportedFunc returns the answer to calls of a function that a component
// imports.
func (m *method) notSupportedFunc() printer.Code {
	return abi("NotSupportedFunc").Call(printer.String(m.needs.String()))
}

func pointerTo(g goType) goType { return goType{name: "*", args: []goType{g}} }

// endText returns a stream or a future as WIT writes it.
func endText(kind string, elem wit.Type, resolve bool) string {
	if elem == nil {
		return kind
	}
	return kind + "<" + sourceText(elem, resolve) + ">"
}
