package gen

import (
	"slices"

	"github.com/witgen/witgen/wit"
)

// newPlans settles the plans of a world's bindings, and of those of its older
// versions behind it.
func newPlans(w *wit.World, o Options) ([]*plan, error) {
	var errs ErrorList
	tracks := trackWords(w, o.Older, &errs)
	if len(errs) > 0 {
		return nil, errs.err()
	}
	used := &used{rename: map[string]bool{}, with: map[string]bool{}}
	var plans []*plan
	for n, version := range slices.Concat([]*wit.World{w}, o.Older) {
		var wrong ErrorList
		if n > 0 { // which serves none that are older still
			o.Older = nil
		}
		plans = append(plans, choose(version, o, tracks[n], used, &wrong))
		if n > 0 { // which need not have what is optional in the newest
			wrong = slices.DeleteFunc(wrong, func(e *Error) bool { return e.Rule.Option == optionalExport })
		}
		for _, e := range wrong {
			if !slices.ContainsFunc(errs, func(known *Error) bool { return *known == *e }) {
				errs = append(errs, e)
			}
		}
	}
	used.unused(o, &errs)
	if err := errs.err(); err != nil {
		return nil, err
	}
	for n, p := range plans {
		p.resolve()
		if n > 0 {
			p.same = newSame(p, plans[0])
		}
		p.planGlue()
	}
	plans[0].serve(plans[1:])
	return plans, nil
}

// trackWords returns the segments for the tracks of a world and its older
// versions; none if it has none.
func trackWords(w *wit.World, older []*wit.World, errs *ErrorList) []string {
	if len(older) == 0 {
		return []string{""}
	}
	words, have := []string(nil), make(map[string]*wit.World)
	for _, v := range slices.Concat([]*wit.World{w}, older) {
		of := v.Package.Name
		word := trackWord(of.Version)
		switch before := have[word]; {
		case of.Version == "":
			errs.add(v.Pos, "world %s has no version: of several, each has to have one", quote(v.ID()))
		case unversioned(of) != unversioned(w.Package.Name):
			errs.add(v.Pos, "world %s is no version of %s, which is of another package", quote(v.ID()), quote(w.ID()))
		case before != nil && wit.Track(of.Version) == "" && wit.CompareVersions(of.Version, before.Package.Name.Version) != 0:
			errs.add(v.Pos, "world %s is %s in Go, and so is %s: of those there is one", quote(v.ID()), word, quote(before.ID()))
		case before != nil:
			errs.add(v.Pos, "world %s is of the same track as %s, whose components fit it or do not: of each track there is one version",
				quote(v.ID()), quote(before.ID()))
		}
		have[word] = v
		words = append(words, word)
	}
	return words
}
