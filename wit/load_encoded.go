package wit

import (
	"fmt"

	"github.com/witgen/witgen/wit/internal/syntax"
)

// printed adds a source that was printed, and hides nothing in it.
func (l *loader) printed(name, text string) {
	src := syntax.NewSource(name, text)
	if l.ungated == nil {
		l.ungated = make(map[*syntax.Source]bool)
	}
	l.ungated[src] = true
	l.packages = append(l.packages, parsedPackage{[]*syntax.File{l.source(src)}})
}

// encoded decodes an encoded package in deps.
func (l *loader) encoded(name string) error {
	wasm, err := l.read(name)
	if err != nil {
		return err
	}
	if l.decoder == nil {
		l.decoder = newDecoder()
	}
	p, err := l.decoder.file(l.display(name), wasm)
	if err != nil {
		return err
	}
	if p.Name == rootName {
		return fmt.Errorf("%s: a component, where the encoding of a WIT package is wanted", l.display(name))
	}
	return nil
}

// encodedPackages adds what the encoded packages in deps are about. They speak
// of other packages as far as they need them; what they say is used only of
// those that are nowhere else.
func (l *loader) encodedPackages() {
	if l.decoder == nil {
		return
	}
	written := make(map[PackageName]bool)
	for _, p := range l.packages {
		for _, f := range p.files {
			if f.Header != nil {
				written[nameOf(f.Header.Name)] = true
			}
			for _, n := range f.Packages {
				written[nameOf(n.Name)] = true
			}
		}
	}
	for _, p := range l.decoder.packages {
		if l.decoder.main[p] || !written[p.Name] {
			l.printed(l.decoder.files[p], Print(p))
		}
	}
}
