package plan

import (
	"fmt"
	"strings"

	"github.com/witgen/witgen/wit"
)

// String prints the plan, an item a line.
func (p *Plan) String() string {
	var b strings.Builder
	for i, im := range p.Images {
		if im.Import >= 0 {
			fmt.Fprintf(&b, "image %d: module %d\n", i, im.Import)
			continue
		}
		fmt.Fprintf(&b, "image %d: %d bytes\n", i, len(im.Module))
	}
	for i, im := range p.Unused {
		fmt.Fprintf(&b, "unused image %d: %d bytes\n", i, len(im.Module))
	}
	for i, im := range p.Imports {
		fmt.Fprintf(&b, "import %d: %s %s\n", i, im.Text(), wit.FuncText(im.Func))
	}
	for i, m := range p.Modules {
		fmt.Fprintf(&b, "module %d: %s\n", i, m.Text())
	}
	for i, r := range p.Resources {
		if r.Import != nil {
			fmt.Fprintf(&b, "resource %d: import %s\n", i, r.Import.Text())
			continue
		}
		fmt.Fprintf(&b, "resource %d: %q of component %d", i, r.Name, r.Instance)
		if r.Dtor != nil {
			fmt.Fprintf(&b, ", destructor %s", r.Dtor)
		}
		b.WriteString("\n")
	}
	for i, f := range p.Provided {
		fmt.Fprintf(&b, "provided %d: component %d, ", i, f.Instance)
		switch f.Op {
		case CallImport:
			fmt.Fprintf(&b, "call import %d, %s\n", f.Import, p.Options[f.Options])
		case CallLift:
			fmt.Fprintf(&b, "call lift %d, %s\n", f.Lift, p.Options[f.Options])
		case ResourceNew:
			fmt.Fprintf(&b, "new resource %d\n", f.Resource)
		case ResourceRep:
			fmt.Fprintf(&b, "rep of resource %d\n", f.Resource)
		case ResourceDrop:
			fmt.Fprintf(&b, "drop resource %d\n", f.Resource)
		case Builtin:
			fmt.Fprintf(&b, "%s\n", f.Canon.Op)
		case RelayResult:
			fmt.Fprintf(&b, "call provided %d, return its result's pointer, %s\n", f.Lowered, p.Options[f.Options])
		case RelayDone:
			fmt.Fprintf(&b, "free the relay, instance %d\n", p.Relay)
		}
	}
	for i, l := range p.Lifts {
		fmt.Fprintf(&b, "lift %d: %s %s, %s", i, wit.FuncText(l.Func), l.Core, p.Options[l.Options])
		if l.PostReturn != nil {
			fmt.Fprintf(&b, ", post-return %s", l.PostReturn)
		}
		if l.Callback != nil {
			fmt.Fprintf(&b, ", callback %s", l.Callback)
		}
		b.WriteString("\n")
	}
	n := 0
	for _, s := range p.Steps {
		switch s := s.(type) {
		case InstantiateModule:
			fmt.Fprintf(&b, "instance %d = instantiate image %d", n, s.Image)
			for i, a := range s.Args {
				name := p.Images[s.Image].Names[i]
				fmt.Fprintf(&b, "\n\t%q %q = %s", name.Module, name.Name, a)
			}
			b.WriteString("\n")
			n++
		case ExtractMemory:
			fmt.Fprintf(&b, "memory %d = %s\n", s.Slot, s.From)
		case ExtractRealloc:
			fmt.Fprintf(&b, "realloc %d = %s\n", s.Slot, s.From)
		}
	}
	p.Exports.print(&b, "")
	return b.String()
}

func (e *Exports) print(b *strings.Builder, path string) {
	for _, f := range e.Funcs {
		fmt.Fprintf(b, "export %s = lift %d\n", join(path, f.Name), f.Lift)
	}
	for _, r := range e.Resources {
		fmt.Fprintf(b, "export %s = resource %d\n", join(path, r.Name), r.Resource)
	}
	for _, m := range e.Modules {
		fmt.Fprintf(b, "export %s = a core module\n", join(path, m.Name))
	}
	for i := range e.Instances {
		e.Instances[i].print(b, join(path, e.Instances[i].Name))
	}
}

// String returns "instance 1 export \"f\"" or "provided 2".
func (d CoreDef) String() string {
	if d.Instance < 0 {
		return fmt.Sprintf("provided %d", d.Provided)
	}
	return fmt.Sprintf("instance %d export %q", d.Instance, d.Name)
}

// String returns "component 0 memory 1 realloc 1", without what is absent.
func (o Options) String() string {
	s := fmt.Sprintf("component %d", o.Instance)
	if o.Memory >= 0 {
		s += fmt.Sprintf(" memory %d", o.Memory)
	}
	if o.Realloc >= 0 {
		s += fmt.Sprintf(" realloc %d", o.Realloc)
	}
	if o.Encoding > 0 {
		s += [...]string{"", " utf16", " latin1+utf16"}[o.Encoding]
	}
	if o.Async {
		s += " async"
	}
	return s
}

// String returns the specification's name of what a provided function does.
func (op Op) String() string {
	return [...]string{"lower", "lower", "resource.new", "resource.rep", "resource.drop", "built-in", "relay", "relay"}[op]
}
