package compat

import (
	"slices"
	"strings"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// member is a field, a case or a flag.
type member struct {
	name string
	typ  wit.Type // nil for cases without a payload, and for flags
	pos  wit.Pos
}

func membersOf(t wit.Type) []member {
	var list []member
	switch t := t.(type) {
	case *wit.Record:
		for _, f := range t.Fields {
			list = append(list, member{f.Name, f.Type, f.Pos})
		}
	case *wit.Variant:
		for _, cs := range t.Cases {
			list = append(list, member{cs.Name, cs.Type, cs.Pos})
		}
	case *wit.Enum:
		list = labelMembers(t.Cases)
	case *wit.Flags:
		list = labelMembers(t.Flags)
	}
	return list
}

func labelMembers(labels []wit.Label) []member {
	list := make([]member, len(labels))
	for i, l := range labels {
		list[i] = member{name: l.Name, pos: l.Pos}
	}
	return list
}

// memberDiff collects how the members of a type differ.
type memberDiff struct {
	noun    string // "field"
	clauses []string
	first   defDiff // of the first clause
	worst   diff    // of members that stayed
}

func (d *memberDiff) say(clause, member string, old, now wit.Pos) {
	if len(d.clauses) == 0 {
		d.first = defDiff{member: member, oldAt: old, newAt: now}
	}
	d.clauses = append(d.clauses, clause)
}

// diffMembers compares two records, variants, enums or flags.
func (c *comparer) diffMembers(o, n *wit.TypeDef, old, now []member) defDiff {
	k := kindOf(o)
	d := memberDiff{noun: map[kind]string{recordKind: "field", variantKind: "case", enumKind: "case", flagsKind: "flag"}[k]}
	stay := c.stayed(&d, old, now)
	ownership := len(d.clauses) > 0 && stay && d.worst == otherOwnership
	reordered := len(d.clauses) == 0 && !slices.EqualFunc(old, now, func(a, b member) bool { return a.name == b.name })
	if reordered {
		d.clauses = []string{"the " + d.noun + "s are in another order"}
	}
	if len(d.clauses) == 0 {
		return defDiff{}
	}
	r := defDiff{}
	if len(d.clauses) == 1 {
		r = d.first
	}
	r.rule = map[kind]string{recordKind: "RECORD_SAME_FIELDS", variantKind: "VARIANT_SAME_CASES", enumKind: "ENUM_SAME_CASES", flagsKind: "FLAGS_SAME_LABELS"}[k]
	r.what = "changed: " + listed(d.clauses)
	was, is, wider := widths(o, n)
	switch {
	case ownership:
		r.rule = "HANDLE_SAME_OWNERSHIP"
	case reordered && k == recordKind:
		r.rule = "RECORD_SAME_FIELD_ORDER"
	case k == enumKind && wider:
		r = defDiff{rule: "ENUM_SAME_REPR", what: r.what + "; its discriminant takes " + is + " in memory, it took " + was}
	case k == flagsKind && len(now) > 32:
		r = defDiff{rule: "FLAGS_MAX_32", what: r.what + "; there may be 32 flags at most", visible: true}
	case k == flagsKind && wider:
		r = defDiff{rule: "FLAGS_SAME_REPR", what: r.what + "; its bits take " + is + " in memory, they took " + was}
	}
	return r
}

// stayed says what became of each member, and reports whether all of them are
// there still and no others.
func (c *comparer) stayed(d *memberDiff, old, now []member) bool {
	stay := true
	at := make(map[string]int, len(now))
	for i, m := range now {
		at[m.name] = i
	}
	was := make(map[string]bool, len(old))
	for _, m := range old {
		was[m.name] = true
	}
	renamed := make(map[string]bool)
	for i, m := range old {
		j, ok := at[m.name]
		switch {
		case ok:
			if x := c.diff(m.typ, now[j].typ); x != sameTypes {
				d.worst = max(d.worst, x)
				d.say(d.noun+" `"+m.name+"` is `"+payload(now[j].typ)+"`, it was `"+payload(m.typ)+"`", m.name, m.pos, now[j].pos)
			}
		case i < len(now) && !was[now[i].name] && c.diff(m.typ, now[i].typ) == sameTypes:
			stay, renamed[now[i].name] = false, true
			d.say(d.noun+" `"+m.name+"` is called `"+now[i].name+"`", m.name, m.pos, now[i].pos)
		default:
			stay = false
			d.say(d.noun+" `"+m.name+"` is gone", m.name, m.pos, wit.Pos{})
		}
	}
	for i, m := range now {
		if !was[m.name] && !renamed[m.name] {
			stay = false
			where := ""
			if i < len(old) {
				where = " among the others"
			}
			d.say(d.noun+" `"+m.name+"` is new"+where, m.name, wit.Pos{}, m.pos)
		}
	}
	return stay
}

// payload returns the type of a member as text.
func payload(t wit.Type) string {
	if t == nil {
		return "nothing"
	}
	return typeText(t)
}

// widths says what the width of a type's number or bits in memory was and is, if
// that changed.
func widths(o, n *wit.TypeDef) (was, is string, changed bool) {
	a, b := layout.Of(o).Size, layout.Of(n).Size
	if a == b || a == layout.Unbounded || b == layout.Unbounded {
		return "", "", false
	}
	return bytesText(a), bytesText(b), true
}

func bytesText(n uint32) string {
	if n == 1 {
		return "1 byte"
	}
	return string(rune('0'+n)) + " bytes"
}

// listed joins what changed, up to a few changes.
func listed(clauses []string) string {
	const most = 8
	if len(clauses) > most {
		clauses = append(slices.Clip(clauses[:most]), "and more")
	}
	return strings.Join(clauses, ", ")
}
