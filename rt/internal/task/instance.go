package task

import "github.com/witgen/witgen/rt/internal/handle"

// Instance is a component instance inside a tree. See definitions.py,
// ComponentInstance.
type Instance struct {
	Tree     *Tree
	Parent   *Instance // the instance it is nested in; nil for the root
	Handles  handle.Table
	MayLeave bool

	Context      [2]uint32 // of the task that runs in it: what context.get reads
	Backpressure int       // how often backpressure.inc was called more than dec

	// Alone says that no other instance of the tree has functions, and that this
	// one never looks at Context: what Enter does is not needed.
	Alone bool

	entered bool
}

// Enter marks the instance as entered, and so those that it is nested in but
// the caller is not, and clears its task's context. It reports false, and marks nothing, if one of them is
// entered already. The caller is nil for a call of the host. See
// CanonicalABI.md, "Component Instance State", may_enter.
func (in *Instance) Enter(caller *Instance) bool {
	for x := in; x != nil; x = x.Parent {
		if caller != nil && x.encloses(caller) {
			break
		}
		if x.entered {
			return false
		}
	}
	in.mark(caller, true)
	in.Context = [2]uint32{}
	return true
}

// Exit undoes Enter.
func (in *Instance) Exit(caller *Instance) { in.mark(caller, false) }

func (in *Instance) mark(caller *Instance, entered bool) {
	for x := in; x != nil; x = x.Parent {
		if caller != nil && x.encloses(caller) {
			return
		}
		x.entered = entered
	}
}

// encloses reports whether c is the instance or nested in it.
func (in *Instance) encloses(c *Instance) bool {
	for ; c != nil; c = c.Parent {
		if c == in {
			return true
		}
	}
	return false
}
