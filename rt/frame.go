package rt

import (
	"strings"
	"unicode/utf8"

	"github.com/ianlancetaylor/demangle"

	"github.com/witgen/witgen/rt/internal/core"
)

// Frame is a function in the call stack of a guest. Its names are those that
// the author of the guest chose: they are printable and not long, and that is
// all that is known of them.
type Frame struct {
	// Func is the function's name, demangled if it is one of Rust or C++, or
	// "$" and its index in a module that has no name for it. Of a function that the guest calls
	// outside it is that of the import: "ns:pkg/interface@1.0.0#function".
	Func string
	// Module is the name of the core module that it is in; empty for one
	// without a name, and for functions outside the guest.
	Module string
}

// String returns the function's name, behind the module's name and an
// exclamation mark if the module has a name.
func (f Frame) String() string {
	if f.Module == "" {
		return f.Func
	}
	return f.Module + "!" + f.Func
}

// maxFrames is how many frames a trap has at most. A core runtime names 30 of
// one component instance.
const maxFrames = 64

// What is shown of a name, and what is demangled, in bytes. Demangling is worth
// little beyond: the work grows faster than the name does.
const (
	maxShown   = 1 << maxShownBits
	maxMangled = 512

	maxShownBits = 8
)

// framesOf reads the frames in what a core runtime says of a trap: one a line
// after a header.
func framesOf(text string) []Frame {
	_, stack, _ := strings.Cut(text, "\nwasm stack trace:\n")
	stack, _, _ = strings.Cut(stack, "\n\n") // a stack of Go may follow
	var frames []Frame
	hidden := false
	for line := range strings.Lines(stack) {
		line = strings.TrimSpace(line)
		switch {
		case hidden: // the function that a check calls, or a long instruction
			hidden = false
		case strings.HasPrefix(line, refillName.Module+"."+refillName.Name+"("):
			hidden = true // and so is what that calls
		default:
			if f, ok := frameOf(line); ok && len(frames) < maxFrames {
				frames = append(frames, f)
			}
		}
	}
	return frames
}

// frameOf reads a line: names and signature of a function. It reports false for
// a line that is something else.
func frameOf(line string) (Frame, bool) {
	module, name, guest := strings.Cut(line, core.NameEnd+".")
	if !guest {
		if name, guest = strings.CutPrefix(line, providedModule+"."); !guest {
			return Frame{}, false
		}
		module = ""
	}
	i := strings.LastIndexByte(name, '(')
	if i >= 2 && name[i-2:i] == ") " { // of several results
		i = strings.LastIndexByte(name[:i], '(')
	}
	if i < 0 {
		return Frame{}, false
	}
	return Frame{Func: funcName(name[:i]), Module: module}, true
}

// funcName returns a function's name as people know it.
func funcName(name string) string {
	shown, ok := demangled(name)
	if !ok {
		shown = name
	}
	if len(shown) < maxShown {
		return shown
	}
	for shown = shown[:maxShown-len("…")]; !utf8.ValidString(shown); {
		shown = shown[:len(shown)-1]
	}
	return shown + "…"
}

// demangled returns a name of Rust or C++ as it was in the source, and reports
// whether it is one. C++ reads the type of a conversion operator twice, and so
// those within it: a name with more than a few is left as it is.
func demangled(name string) (shown string, ok bool) {
	const maxConversions = 4
	if len(name) > maxMangled || strings.Count(name, "cv") > maxConversions {
		return "", false
	}
	defer func() {
		if recover() != nil { // it takes itself for broken
			shown, ok = "", false
		}
	}()
	shown, err := demangle.ToString(name, demangle.NoParams, demangle.NoEnclosingParams, demangle.MaxLength(maxShownBits))
	return printable(shown), err == nil
}
