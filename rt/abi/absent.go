package abi

import (
	"errors"
	"fmt"
)

// ErrNotExported is in the error of a call of a function that the component
// does not export, though its world says that it may.
var ErrNotExported = errors.New("component does not export")

// NewAbsent returns what stands for an optional function of a name that the
// component does not export; only package rt makes one. Calls of it fail.
func NewAbsent(name string) *Func { return &Func{name: name} }

// Exported reports whether the component exports the function. Generated code
// asks it of those that are optional.
func (f *Func) Exported() bool { return f != nil && f.tree != nil }

// notExported is the error of calls of a function that is absent.
func (f *Func) notExported() error { return fmt.Errorf("%w function %q", ErrNotExported, f.name) }
