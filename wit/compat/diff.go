package compat

import "github.com/witgen/witgen/wit"

// diff is how two types differ where they are used.
type diff uint8

const (
	sameTypes diff = iota
	otherOwnership
	otherKinds
	otherTypes
)

// rule returns the rule that the difference is about.
func (d diff) rule() string {
	switch d {
	case otherOwnership:
		return "HANDLE_SAME_OWNERSHIP"
	case otherKinds:
		return "TYPE_SAME_KIND"
	}
	return "TYPE_SAME"
}

// pairOfTypes is what is known of two types once they were compared.
type pairOfTypes struct{ old, now wit.Type }

// diff compares types where they are used. Names that both packages have stand
// for the same: what changed behind them is found where they are declared.
func (c *comparer) diff(o, n wit.Type) diff {
	switch {
	case o == nil || n == nil:
		if o == n {
			return sameTypes
		}
		return otherTypes
	case c.shape(c.old, o) == c.shape(c.now, n), c.sameName(o, n):
		return sameTypes
	}
	k := pairOfTypes{o, n}
	if d, ok := c.diffs[k]; ok {
		return d
	}
	d := c.diffBehind(o, n)
	c.diffs[k] = d
	return d
}

// sameName reports whether two types are names of the same type. The bare name
// of a resource is a handle, and that of any other type is not.
func (c *comparer) sameName(o, n wit.Type) bool {
	a, b := nameOf(o), nameOf(n)
	return a != nil && b != nil && c.same[a] == b && !(isHandle(o) && isHandle(n))
}

func isHandle(t wit.Type) bool {
	_, ok := t.(*wit.Handle)
	return ok
}

func nameOf(t wit.Type) *wit.TypeDef {
	switch t := t.(type) {
	case *wit.TypeDef:
		return t
	case *wit.Handle:
		return t.Resource
	}
	return nil
}

// diffBehind compares what is behind names.
func (c *comparer) diffBehind(o, n wit.Type) diff {
	a, b := wit.Underlying(o), wit.Underlying(n)
	if k, l := kindOf(a), kindOf(b); k != l {
		if k != otherKind && l != otherKind && (k.declared() || l.declared()) {
			return otherKinds
		}
		return otherTypes
	} else if k.declared() {
		return otherTypes
	}
	if h, ok := a.(*wit.Handle); ok {
		g := b.(*wit.Handle)
		if h.Borrow != g.Borrow && c.diff(h.Resource, g.Resource) == sameTypes {
			return otherOwnership
		}
		return c.diff(h.Resource, g.Resource)
	}
	if l, ok := a.(*wit.List); ok {
		m, ok := b.(*wit.List)
		if !ok || l.Fixed != m.Fixed || l.Len != m.Len {
			return otherTypes
		}
	}
	name, parts := partsOf(a)
	other, others := partsOf(b)
	if name == "" || name != other || len(parts) != len(others) {
		return otherTypes
	}
	d := sameTypes
	for i := range parts {
		d = max(d, c.diff(parts[i], others[i]))
	}
	return d
}

// explained adds to the names of two types what they stand for, where the names
// alone do not say it.
func explained(o, n wit.Type) string {
	if typeText(o) != typeText(n) {
		return ""
	}
	return " of another type by the same name"
}
