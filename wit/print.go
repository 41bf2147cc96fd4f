package wit

import (
	"slices"
	"strconv"
	"strings"

	"github.com/witgen/witgen/wit/internal/syntax"
)

// Print returns the canonical text of a package, with others nested in its
// file: its [Package.Deps], unless the reader has them from elsewhere.
//
// Loading the text, with every feature on, gives the packages again: the same
// items in the same order with the same documentation, gates and external
// IDs. Worlds are printed as they are, elaborated: what an include brought
// stands in them, and so does each import that another one needs.
func Print(p *Package, nested ...*Package) string {
	pr := &printer{pkg: p}
	pr.docs(p.Docs)
	pr.line("package " + packagePath(p.Name) + ";")
	if len(p.Interfaces)+len(p.Worlds) > 0 {
		pr.line("")
	}
	pr.packageItems()
	for _, n := range nested {
		pr.line("")
		pr.pkg = n
		pr.docs(n.Docs)
		pr.open("package " + packagePath(n.Name))
		pr.packageItems()
		pr.close()
	}
	return pr.b.String()
}

// printer writes WIT.
type printer struct {
	b      strings.Builder
	pkg    *Package // the one being printed
	indent int
	before entryKind // the entry before, in the block being printed
}

// entryKind is what entries without blank lines between them have in common.
type entryKind uint8

const (
	firstEntry entryKind = iota
	loneEntry            // one that blank lines set apart
	useEntry
	typeEntry
	funcEntry
	importEntry
	exportEntry
)

// entry begins an entry of a block: a blank line parts it from the one before,
// unless both are single lines of one kind.
func (p *printer) entry(k entryKind) {
	if p.before != firstEntry && (k == loneEntry || k != p.before) {
		p.line("")
	}
	p.before = k
}

// line writes a line.
func (p *printer) line(text string) {
	if text != "" {
		for range p.indent {
			p.b.WriteString("  ")
		}
		p.b.WriteString(text)
	}
	p.b.WriteByte('\n')
}

// open begins a block in braces, close ends it.
func (p *printer) open(head string) {
	p.line(head + " {")
	p.indent++
	p.before = firstEntry
}

func (p *printer) close() {
	p.indent--
	p.line("}")
	p.before = loneEntry
}

// docs writes documentation.
func (p *printer) docs(d Docs) {
	if d == "" {
		return
	}
	for line := range strings.SplitSeq(string(d), "\n") {
		if line == "" {
			p.line("///")
			continue
		}
		p.line("/// " + line)
	}
}

// gates writes attributes.
func (p *printer) gates(s Stability, externalID string) {
	if s.Since != "" {
		p.line("@since(version = " + s.Since + ")")
	}
	if s.Feature != "" {
		p.line("@unstable(feature = " + escape(s.Feature) + ")")
	}
	if s.Deprecated != "" {
		p.line("@deprecated(version = " + s.Deprecated + ")")
	}
	if externalID != "" {
		p.line("@external-id(" + quote(externalID) + ")")
	}
}

// plain reports whether nothing stands before an item.
func plain(d Docs, s Stability, externalID string) bool {
	return d == "" && s == Stability{} && externalID == ""
}

// packageItems writes the interfaces and worlds of a package.
func (p *printer) packageItems() {
	p.before = firstEntry
	for _, i := range p.pkg.Interfaces {
		p.entry(loneEntry)
		p.docs(i.Docs)
		p.gates(i.Stability, "")
		p.body("interface "+escape(i.Name), i)
	}
	for _, w := range p.pkg.Worlds {
		p.entry(loneEntry)
		p.docs(w.Docs)
		p.gates(w.Stability, "")
		p.world(w)
	}
}

// body writes an interface after its head.
//
// Types stand before functions, but for functions that were declared before
// those of a resource: the order of functions is kept.
func (p *printer) body(head string, i *Interface) {
	if len(i.Types)+len(i.Funcs) == 0 {
		p.line(head + " {}")
		p.before = loneEntry
		return
	}
	p.open(head)
	types, funcs := i.Types, i.Funcs
	count := make(map[*TypeDef]int) // functions of each resource
	for _, f := range funcs {
		count[f.Resource]++
	}
	for len(types) > 0 {
		d := types[0]
		if n := p.used(types); n > 0 {
			types = types[n:]
			continue
		}
		var own []*Func
		if n := count[d]; n > 0 {
			from := slices.IndexFunc(funcs, func(f *Func) bool { return f.Resource == d })
			p.funcs(funcs[:from])
			own, funcs = funcs[from:from+n], funcs[from+n:]
		}
		p.typeDef(d, own)
		types = types[1:]
	}
	p.funcs(funcs)
	p.close()
}

// funcs writes functions that stand alone.
func (p *printer) funcs(funcs []*Func) {
	for _, f := range funcs {
		k := funcEntry
		if !plain(f.Docs, f.Stability, f.ExternalID) {
			k = loneEntry
		}
		p.entry(k)
		p.docs(f.Docs)
		p.gates(f.Stability, f.ExternalID)
		p.line(escape(f.Name) + ": " + p.signature(f) + ";")
	}
}

// escape returns a name as it is written: a keyword with a % before it.
func escape(name string) string {
	if syntax.IsKeyword(name) {
		return "%" + name
	}
	return name
}

func packagePath(n PackageName) string { return itemPath(n, "") }

// itemPath returns the path of an interface or world, or of the package.
func itemPath(n PackageName, name string) string {
	n.Namespace, n.Name = escape(n.Namespace), escape(n.Name)
	return n.item(escape(name))
}

// path returns how the package being printed refers to an interface.
func (p *printer) path(i *Interface) string {
	if i.Package.Name == p.pkg.Name {
		return escape(i.Name)
	}
	return itemPath(i.Package.Name, i.Name)
}

// quote returns a string as a literal. Whatever is no printable ASCII is
// escaped, since some characters may not stand in a file at all.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r >= ' ' && r < 0x7f:
			b.WriteRune(r)
		default:
			b.WriteString(`\u{` + strconv.FormatInt(int64(r), 16) + "}")
		}
	}
	b.WriteByte('"')
	return b.String()
}
