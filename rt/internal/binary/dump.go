package binary

import (
	"fmt"
	"strings"
)

// String returns the component as text for people and golden files: one
// definition a line, with the index it adds, as in
//
//	(core func 3) alias core export 1 "realloc"
//
// Bare numbers are indices in the space that the place calls for.
func (c *Component) String() string {
	var d dumper
	d.line("component %d bytes", c.Size)
	d.component(c)
	return d.b.String()
}

// A dumper writes definitions and counts the indices they add.
type dumper struct {
	b      strings.Builder
	indent int
	spaces map[space]int
}

// space is an index space.
type space struct {
	sort Sort
	core CoreSort
}

func (d *dumper) line(format string, args ...any) {
	d.b.WriteString(strings.Repeat("  ", d.indent))
	fmt.Fprintf(&d.b, format, args...)
	d.b.WriteByte('\n')
}

// def writes a definition that adds an index.
func (d *dumper) def(s Sort, core CoreSort, format string, args ...any) {
	at := space{sort: s}
	if s == SortCore {
		at.core = core
	}
	d.line("(%s %d) %s", sortName(s, core), d.spaces[at], fmt.Sprintf(format, args...))
	d.spaces[at]++
}

// scope runs f one level in, with index spaces of its own.
func (d *dumper) scope(f func()) {
	outer := d.spaces
	d.spaces = make(map[space]int)
	d.indent++
	f()
	d.indent--
	d.spaces = outer
}

func (d *dumper) component(c *Component) {
	d.scope(func() {
		for _, def := range c.Defs {
			d.definition(def)
		}
		for _, s := range c.Custom {
			d.line("custom %q %d bytes", s.Name, len(s.Data))
		}
	})
}

func (d *dumper) definition(def Def) {
	switch def := def.(type) {
	case *CoreModule:
		d.def(SortCore, CoreModSort, "%d bytes", len(def.Bytes))
	case *CoreInstance:
		d.def(SortCore, CoreInstSort, "%s", coreInstanceText(def))
	case *CoreType:
		d.coreType(def.Type)
	case *Nested:
		d.def(SortComponent, 0, "%d bytes", def.Component.Size)
		d.component(def.Component)
	case *Instance:
		d.def(SortInstance, 0, "%s", instanceText(def))
	case *Alias:
		d.def(def.Sort, def.Core, "%s", aliasText(def))
	case *Type:
		d.typeDef(def)
	case *Canon:
		d.canon(def)
	case *Start:
		d.line("start %d%s results %d", def.Func, words(" value ", def.Args), def.Results)
		d.spaces[space{sort: SortValue}] += int(def.Results)
	case *Import:
		d.def(def.Type.Sort, CoreModSort, "import %s %s", nameText(def.Name), externText(def.Type))
	case *Export:
		text := ""
		if def.Type != nil {
			text = " as " + externText(*def.Type)
		}
		d.def(def.Ref.Sort, def.Ref.Core, "export %s %d%s", nameText(def.Name), def.Ref.Idx, text)
	case *Value:
		d.def(SortValue, 0, "%v %d bytes", def.Type, len(def.Data))
	}
}

func (d *dumper) canon(c *Canon) {
	if c.Op == CanonLift {
		d.def(SortFunc, 0, "lift %d%s type %d", c.Func, optsText(c.Options), c.Type)
		return
	}
	d.def(SortCore, CoreFunc, "%v%s", c.Op, canonText(c))
}

// canonText is what follows the name of a canonical definition that is no
// lift.
func canonText(c *Canon) string {
	flag := func(set bool, name string) string {
		if set {
			return " " + name
		}
		return ""
	}
	switch op := c.Op; op {
	case CanonLower:
		return fmt.Sprintf(" %d%s", c.Func, optsText(c.Options))
	case CanonTaskReturn:
		return payloadText(" result ", c.Result) + optsText(c.Options)
	case CanonContextGet, CanonContextSet:
		return fmt.Sprintf(" %v %d", c.Core, c.Slot)
	case CanonSubtaskCancel:
		return flag(c.Async, "async")
	case CanonErrorContextNew, CanonErrorContextDebugMessage:
		return optsText(c.Options)
	case CanonWaitableSetWait, CanonWaitableSetPoll:
		return fmt.Sprintf("%s memory %d", flag(c.Cancel, "cancellable"), c.Memory)
	case CanonThreadYield, CanonThreadSuspend, CanonThreadSuspendThenResume, CanonThreadYieldThenResume,
		CanonThreadSuspendThenPromote, CanonThreadYieldThenPromote:
		return flag(c.Cancel, "cancellable")
	case CanonThreadNewIndirect, CanonThreadSpawnIndirect:
		return fmt.Sprintf("%s %d table %d", flag(c.Async, "shared"), c.Type, c.Table)
	case CanonThreadSpawnRef:
		return fmt.Sprintf("%s %d", flag(c.Async, "shared"), c.Type)
	case CanonThreadAvailableParallelism:
		return flag(c.Async, "shared")
	case CanonTaskCancel, CanonSubtaskDrop, CanonErrorContextDrop, CanonWaitableSetNew, CanonWaitableSetDrop,
		CanonWaitableJoin, CanonBackpressureInc, CanonBackpressureDec, CanonThreadIndex, CanonThreadResumeLater:
		return ""
	default: // resource.*, stream.*, future.*
		return fmt.Sprintf(" %d%s%s", c.Type, flag(c.Async, "async"), optsText(c.Options))
	}
}

func optsText(opts []CanonOpt) string {
	var b strings.Builder
	for _, o := range opts {
		fmt.Fprintf(&b, " %v", o.Op)
		if o.Op.HasIdx() {
			fmt.Fprintf(&b, " %d", o.Idx)
		}
	}
	return b.String()
}

func coreInstanceText(i *CoreInstance) string {
	var b strings.Builder
	if i.Instantiate {
		fmt.Fprintf(&b, "instantiate %d", i.Module)
		for _, a := range i.Args {
			fmt.Fprintf(&b, " (%q %d)", a.Name, a.Instance)
		}
		return b.String()
	}
	b.WriteString("exports")
	for _, e := range i.Exports {
		fmt.Fprintf(&b, " (%q %v %d)", e.Name, e.Sort, e.Idx)
	}
	return b.String()
}

func instanceText(i *Instance) string {
	var b strings.Builder
	if i.Instantiate {
		fmt.Fprintf(&b, "instantiate %d", i.Component)
		for _, a := range i.Args {
			fmt.Fprintf(&b, " (%q %s)", a.Name, refText(a.Ref))
		}
		return b.String()
	}
	b.WriteString("exports")
	for _, e := range i.Exports {
		fmt.Fprintf(&b, " (%s %s)", nameText(e.Name), refText(e.Ref))
	}
	return b.String()
}

func refText(r Ref) string { return fmt.Sprintf("%s %d", sortName(r.Sort, r.Core), r.Idx) }

func aliasText(a *Alias) string {
	switch a.Kind {
	case AliasExport:
		return fmt.Sprintf("alias export %d %q", a.Instance, a.Name)
	case AliasCoreExport:
		return fmt.Sprintf("alias core export %d %q", a.Instance, a.Name)
	default:
		return fmt.Sprintf("alias outer %d %d", a.Count, a.Idx)
	}
}

func nameText(n Name) string {
	text := fmt.Sprintf("%q", n.Name)
	for _, a := range []struct {
		what  string
		value *string
	}{{"implements", n.Implements}, {"versionsuffix", n.VersionSuffix}, {"external-id", n.ExternalID}} {
		if a.value != nil {
			text += fmt.Sprintf(" (%s %q)", a.what, *a.value)
		}
	}
	return text
}

// externText is an extern type where its sort is known.
func externText(t ExternType) string {
	switch {
	case t.Sort == SortType && t.Sub:
		return "sub resource"
	case t.Sort == SortType, t.Sort == SortValue && !t.Sub:
		return fmt.Sprintf("eq %d", t.Idx)
	case t.Sort == SortValue:
		return t.Val.String()
	}
	return fmt.Sprintf("type %d", t.Idx)
}
