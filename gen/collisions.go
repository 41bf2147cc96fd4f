package gen

import (
	"errors"

	"github.com/witgen/witgen/wit"
)

// Collisions returns the names of a world's items that are one name in Go, and
// those that make none, as Generate reports them: each where the second stands.
// It says nothing of what has no bindings.
func Collisions(w *wit.World, o Options) ErrorList {
	var errs ErrorList
	_, n := nameAll(w, o, "", newExisting(w.Package.Name, o.With, &errs), &errs)
	(&used{rename: n.used}).unused(o, &errs)
	sorted, _ := errors.AsType[ErrorList](errs.err())
	return sorted
}
