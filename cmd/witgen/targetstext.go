package main

import (
	"io"
	"strings"

	"github.com/witgen/witgen/rt"
)

// text prints what came of a component for people: in a line for each of several
// hosts, and for the best one all there is to say.
func (f *targetsFlags) text(t *targeted, w io.Writer) {
	if f.released() {
		for i, fit := range t.fits {
			printf(w, "%s: %s %s%s (%s)\n", t.path, verdictText(fit), t.hosts[i].world.Name, t.refusedText(i), t.hosts[i].from)
		}
	}
	best := t.best()
	fit := t.fits[best]
	if !f.released() {
		printf(w, "%s: %s %s%s\n", t.path, verdictText(fit), fit.World, t.refusedText(best))
	} else {
		printf(w, "with %s:\n", fit.World)
	}
	for _, side := range t.sides(fit) {
		for i := range side.items {
			itemText(w, side, &side.items[i])
		}
	}
	if fit.Err != nil && untold(t, fit) {
		printf(w, "  error: %s\n", fit.Err.Error())
	}
	printf(w, "  memory at start: %s\n", bytesText(t.memory))
	if t.rights == nil {
		for _, g := range t.grants {
			printf(w, "  to grant: %s: %s, for %s\n", strings.TrimPrefix(g.Key, "plugins.plugin."), g.Line, safe(g.What))
		}
		return
	}
	for _, d := range t.rights.Denied {
		printf(w, "  denied: %s\n", safe(strings.TrimPrefix(d, "denied: ")))
	}
	for _, r := range t.refused(best) {
		printf(w, "  refused by the policy: %s\n", safe(r))
	}
}

// untold reports whether an error is of nothing that the items say.
func untold(t *targeted, f *rt.Fit) bool {
	only := true
	for _, side := range t.sides(f) {
		eachMisfit(side.items, func(_, _ *rt.FitItem) { only = false })
	}
	return only
}

// refusedText says that the policy refuses a component.
func (t *targeted) refusedText(host int) string {
	if len(t.refused(host)) == 0 {
		return ""
	}
	return ", but the policy refuses it"
}

func verdictText(f *rt.Fit) string {
	if f.Err != nil {
		return "does not fit"
	}
	return "fits"
}

// itemText prints an import or an export, and below it what of it does not fit.
func itemText(w io.Writer, side fitSide, it *rt.FitItem) {
	printf(w, "  %s %s: %s", side.word, safe(it.Name), it.Verdict)
	switch {
	case it.Verdict == rt.Missing || it.Verdict == rt.WrongType && len(it.Items) == 0:
		printf(w, ", %s", safe(misfitText(side.exports, nil, it)))
	case it.Beside && it.With == it.Name:
		printf(w, ", beside the world")
	case it.Beside:
		printf(w, ", beside the world by %s", safe(it.With))
	case it.With != "" && it.With != it.Name:
		printf(w, ", by %s", safe(it.With))
	case it.Verdict == rt.Matched && it.With == "" && !side.exports && len(it.Items) == 0 && strings.Contains(it.Name, "/"):
		printf(w, ", nothing of it is needed")
	}
	printf(w, "\n")
	for i := range it.Items {
		switch x := &it.Items[i]; x.Verdict {
		case rt.Missing, rt.WrongType:
			if it.Verdict == rt.Missing && it.With == "" && !side.exports {
				printf(w, "    %s\n", safe(strings.TrimSuffix(x.Name+": "+x.Guest, ": ")))
				continue
			}
			printf(w, "    %s: %s, %s\n", safe(x.Name), x.Verdict, safe(misfitText(side.exports, it, x)))
		case rt.Absent:
			printf(w, "    %s: absent\n", safe(x.Name))
		case rt.Extra:
			if it.Verdict != rt.Extra {
				printf(w, "    %s: extra\n", safe(x.Name))
			}
		}
	}
}
