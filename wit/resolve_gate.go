package wit

import "github.com/witgen/witgen/wit/internal/syntax"

// hidden returns the feature that is off of a gated item, which is to be
// treated as if it were not there; empty for an item to keep.
func (r *resolver) hidden(a syntax.Attributes) string {
	if a.Unstable == nil || r.allFeatures || r.features[a.Unstable.Value] || r.ungated[a.Unstable.Span.Source] {
		return ""
	}
	return a.Unstable.Value
}

// gate returns what the attributes of an item say about its stability, and
// its feature if that is off. It checks the version against the package's.
func (r *resolver) gate(a syntax.Attributes, at syntax.Span, u *unit) (Stability, string) {
	var s Stability
	if a.Since != nil {
		s.Since = a.Since.Value
		switch own := u.name.Version; {
		case own == "":
			r.errs.add(at, "`@since` in package `"+u.name.String()+"`, which has no version")
		case compareVersions(s.Since, own) > 0:
			r.errs.add(at, "`@since` version "+s.Since+", but the package is at version "+own).
				note(position(u.at), "the package's version")
		}
	}
	if a.Unstable != nil {
		s.Feature = a.Unstable.Value
	}
	if a.Deprecated != nil {
		s.Deprecated = a.Deprecated.Value
	}
	return s, r.hidden(a)
}
