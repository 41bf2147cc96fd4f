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
		fmt.Fprintf(&b, "image %d: %d bytes\n", i, len(im.Module))
	}
	for i, im := range p.Imports {
		fmt.Fprintf(&b, "import %d: %s %s\n", i, im.Text(), wit.FuncText(im.Func))
	}
	for i, l := range p.Lowers {
		fmt.Fprintf(&b, "lower %d: import %d, %s\n", i, l.Import, p.Options[l.Options])
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
	for _, e := range p.Exports {
		for _, f := range e.Funcs {
			l := p.Lifts[f.Lift]
			fmt.Fprintf(&b, "export %s %s = lift %s, %s", join(e.Interface, f.Name), wit.FuncText(l.Func), l.Core, p.Options[l.Options])
			if l.PostReturn != nil {
				fmt.Fprintf(&b, ", post-return %s", l.PostReturn)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

// String returns "instance 1 export \"f\"" or "lower 2".
func (d CoreDef) String() string {
	if d.Instance < 0 {
		return fmt.Sprintf("lower %d", d.Lower)
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
	return s
}
