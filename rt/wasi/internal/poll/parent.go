package poll

import (
	"errors"
	"fmt"
)

// ErrChildren is in the error of a guest that drops a resource before those
// that it got from it.
var ErrChildren = errors.New("resource has children that are not dropped yet")

// Parent counts the resources that a guest got from one, which it drops before
// that. The zero Parent has none. It is for the goroutine that runs the guest,
// as all resources of an instance are.
type Parent struct{ children int }

// Pollable returns a view of a source that is a child.
func (p *Parent) Pollable(s Source) *Pollable {
	p.children++
	return &Pollable{s, p}
}

// Adopt counts a child, until it calls Release.
func (p *Parent) Adopt() { p.children++ }

// Release counts a child less.
func (p *Parent) Release() { p.release() }

func (p *Parent) release() {
	if p != nil {
		p.children--
	}
}

// Check returns an error that has [ErrChildren] in it if there are children,
// unless the instance ends, whose resources end in any order.
func (p *Parent) Check(ends *Life) error {
	if p.children == 0 || ends.Over() {
		return nil
	}
	return fmt.Errorf("%w: %d", ErrChildren, p.children)
}
