package dyn

import (
	"fmt"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/handle"
	"github.com/witgen/witgen/wit"
)

// Context is where the values of a call live, on one side of it. See
// definitions.py, LiftLowerContext. It belongs to the goroutine that runs the
// call.
type Context struct {
	Mem *abi.Mem // the instance's memory; it keeps the first failure
	// Table is the instance's handle table, Scope holds the call's borrows,
	// and Resource returns what a resource of its types is at run time. They
	// may be nil when no type has handles in it.
	Table    *handle.Table
	Scope    *handle.Scope
	Resource func(*wit.TypeDef) *handle.Resource
	// Transfer says that what is lifted goes on to another instance: strings
	// are lifted as abi.Text.
	Transfer bool
}

// boxed bounds what the Go value behind an any takes, in bytes, its parts not
// counted.
const boxed = 24

// begin charges a value that is about to be lifted, and what the host makes of
// it unless it goes on to another instance. It reports false after a failure,
// when there is nothing more to lift.
func (x *Context) begin(t *Type) bool {
	if x.Transfer {
		return x.Mem.Charge(boxed)
	}
	return x.Mem.Charge(boxed + t.shown)
}

func (x *Context) liftText(ptr, n uint32) any {
	if x.Transfer {
		return x.Mem.LiftText(ptr, n)
	}
	return x.Mem.LiftString(ptr, n)
}

// liftHandle follows definitions.py lift_own and lift_borrow.
func (x *Context) liftHandle(t *Type, i uint32) any {
	r, err := x.resource(t)
	if err != nil {
		x.Mem.Fail(err)
		return nil
	}
	if t.borrow {
		rep, err := x.Table.LiftBorrow(r, i, x.Scope)
		if err != nil {
			x.Mem.Reject(err)
		}
		return Borrow{r, rep}
	}
	rep, err := x.Table.LiftOwn(r, i)
	if err != nil {
		x.Mem.Reject(err)
	}
	return Own{r, rep}
}

// lowerHandle follows definitions.py lower_own and lower_borrow.
func (x *Context) lowerHandle(t *Type, v any) (uint32, error) {
	var have *handle.Resource
	var rep uint32
	switch v := v.(type) {
	case Own:
		if t.borrow {
			return 0, t.mismatch(v)
		}
		have, rep = v.Resource, v.Rep
	case Borrow:
		if !t.borrow {
			return 0, t.mismatch(v)
		}
		have, rep = v.Resource, v.Rep
	default:
		return 0, t.mismatch(v)
	}
	r, err := x.resource(t)
	if err != nil {
		return 0, err
	}
	if have != r {
		return 0, fmt.Errorf("%s of another resource than %q", t.name, r.Name)
	}
	if x.Mem.Err() != nil {
		return 0, nil
	}
	var i uint32
	if t.borrow {
		i, err = x.Table.LowerBorrow(r, rep, x.Scope)
	} else {
		i, err = x.Table.LowerOwn(r, rep)
	}
	if err != nil {
		x.Mem.Reject(err)
	}
	return i, nil
}

// resource returns what the resource of a handle type is at run time.
func (x *Context) resource(t *Type) (*handle.Resource, error) {
	if x.Table == nil || x.Resource == nil {
		return nil, fmt.Errorf("%s without a handle table", t.name)
	}
	r := x.Resource(t.resource)
	if r == nil {
		return nil, fmt.Errorf("%s of the unknown resource %q", t.name, t.resource.Name)
	}
	return r, nil
}
