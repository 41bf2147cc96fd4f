package binary

import (
	"fmt"
	"strings"
)

// Error says that the input breaks the grammar, or a limit of this decoder.
type Error struct {
	Offset    int    // byte offset in the outermost file
	Section   string // the section it lies in, as "type (7)"; empty outside
	Msg       string
	Truncated bool // the file ends before what it announces
}

// Error returns the message with its offset in hexadecimal and its section.
func (e *Error) Error() string {
	if e.Section == "" {
		return fmt.Sprintf("at %#x: %s", e.Offset, e.Msg)
	}
	return fmt.Sprintf("at %#x: %s in section %s", e.Offset, e.Msg, e.Section)
}

// NotComponentError says that the input is something other than a component:
// a core module when Module, no WebAssembly at all otherwise.
type NotComponentError struct {
	Module  bool
	Imports []string // module names a core module imports from, in order, each once
	Head    []byte   // the first bytes, at most 8; shares the input
}

// Preview1 is the module name under which core modules import WASI 0.1.
const Preview1 = "wasi_snapshot_preview1"

// ImportsPreview1 reports whether the input is a core module for WASI 0.1,
// which can be made a component with an adapter.
func (e *NotComponentError) ImportsPreview1() bool {
	for _, name := range e.Imports {
		if name == Preview1 {
			return true
		}
	}
	return false
}

// Error says what the input is instead.
func (e *NotComponentError) Error() string {
	switch {
	case e.Module && e.ImportsPreview1():
		return "not a component: core module (layer 0), imports " + Preview1
	case e.Module && len(e.Imports) > 0:
		return fmt.Sprintf("not a component: core module (layer 0), imports %s", quoteSome(e.Imports))
	case e.Module:
		return "not a component: core module (layer 0), imports nothing"
	case len(e.Head) == 0:
		return "not wasm: empty input"
	}
	return fmt.Sprintf("not wasm: starts with % x", e.Head[:min(len(e.Head), 4)])
}

// quoteSome lists the first names, quoted, and says how many it leaves out.
func quoteSome(names []string) string {
	const most = 3
	var b strings.Builder
	for i, name := range names[:min(len(names), most)] {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%.64q", name)
	}
	if more := len(names) - most; more > 0 {
		fmt.Fprintf(&b, " and %d more", more)
	}
	return b.String()
}
