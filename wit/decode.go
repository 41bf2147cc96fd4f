package wit

import (
	"fmt"
	"slices"

	"github.com/witgen/witgen/wit/internal/binary"
	"github.com/witgen/witgen/wit/internal/entity"
)

// Decode reads a package from its binary form: a WIT package encoded as a
// component, or any component, whose imports and exports become the world
// root of package root:component. The other packages that it speaks of are
// loaded with it, as far as it does.
//
// Every feature is on, since a component has what it has. Positions are those
// in the text that [Print] makes of the package with its deps, and name stands
// for its file. The bytes may come from anywhere; what is wrong with them is
// an error that gives an offset, or [Errors].
func Decode(name string, wasm []byte) (*Package, error) {
	d := newDecoder()
	main, err := d.file(name, wasm)
	if err != nil {
		return nil, err
	}
	others := slices.DeleteFunc(slices.Clone(d.packages), func(p *Package) bool { return p == main })
	draft := Print(main, others...)
	p, err := parseDecoded(name, draft)
	if err != nil {
		return nil, err
	}
	if text := Print(p, p.Deps...); text != draft {
		return parseDecoded(name, text) // for its positions
	}
	return p, nil
}

// parseDecoded loads what a component was decoded to.
func parseDecoded(name, text string) (*Package, error) {
	var l loader
	l.printed(name, text)
	return l.resolve(Options{})
}

// rootName is the name of the package that a component becomes, whose own is
// not known.
var rootName = PackageName{Namespace: "root", Name: "component"}

const rootWorld = "root"

// decoder makes packages from components. They are drafts that are good for
// printing: what their text implies, such as the order of imports, is left to
// those who read it.
type decoder struct {
	evaluator  *entity.Evaluator
	packages   []*Package                // in the order in which they are met
	files      map[*Package]string       // the file that is about a package, or the first that speaks of it
	main       map[*Package]bool         // packages that a file is about
	interfaces map[string]*draft         // by ID
	pending    map[string]*pending       // interfaces of the file's package that are not decoded yet, by ID
	types      map[*entity.Type]*TypeDef // what imports and exports gave names to
	budget     int                       // parts of types that may still be written out
}

// pending is an interface of an encoded package: what its types come from, and
// the interface itself.
type pending struct {
	imports []entity.Extern
	export  entity.Extern
}

func newDecoder() *decoder {
	return &decoder{
		files:      make(map[*Package]string),
		main:       make(map[*Package]bool),
		interfaces: make(map[string]*draft),
		pending:    make(map[string]*pending),
		types:      make(map[*entity.Type]*TypeDef),
	}
}

// errorAt returns an error about the bytes at an offset.
func errorAt(offset int, format string, args ...any) error {
	return &binary.Error{Offset: offset, Msg: fmt.Sprintf(format, args...)}
}

// spend takes from the budget of what is written out, which a few bytes could
// ask too much of: a type may contain another many times.
func (d *decoder) spend(offset, n int) error {
	if d.budget -= n; d.budget < 0 {
		return errorAt(offset, "the types are too large when they are written out")
	}
	return nil
}

// file decodes a file and returns the package that it is about.
func (d *decoder) file(name string, wasm []byte) (*Package, error) {
	p, err := d.component(name, wasm)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	d.main[p] = true
	return p, nil
}

func (d *decoder) component(name string, wasm []byte) (*Package, error) {
	c, err := binary.Decode(wasm)
	if err != nil {
		return nil, err
	}
	d.evaluator = entity.NewEvaluator(len(wasm))
	d.budget = 100_000 + 16*len(wasm)
	imports, exports, err := d.evaluator.Root(c)
	if err != nil {
		return nil, err
	}
	var p *Package
	if encodesPackage(imports, exports) {
		p, err = d.encodedPackage(name, exports)
	} else {
		p, err = d.rootPackage(name, imports, exports)
	}
	if err != nil {
		return nil, err
	}
	for _, q := range d.packages {
		for _, i := range q.Interfaces {
			i.arrange()
		}
	}
	for _, docs := range c.Docs {
		if err := d.annotate(p, docs); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// encodesPackage reports whether a component is the encoding of a WIT package:
// it exports the types of components, and nothing else.
func encodesPackage(imports, exports []entity.Extern) bool {
	for _, x := range exports {
		t, ok := x.Item.(*entity.Type)
		if !ok {
			return false
		}
		if _, ok := t.Component(); !ok {
			return false
		}
	}
	return len(imports) == 0 && len(exports) > 0
}

// pkg returns the package of that name.
func (d *decoder) pkg(name PackageName, file string) *Package {
	for _, p := range d.packages {
		if p.Name == name {
			return p
		}
	}
	p := &Package{Name: name}
	d.packages = append(d.packages, p)
	d.files[p] = file
	return p
}

// rootPackage makes a package of a component that does something.
func (d *decoder) rootPackage(file string, imports, exports []entity.Extern) (*Package, error) {
	p := d.pkg(rootName, file)
	w := &World{Package: p, Name: rootWorld}
	p.Worlds = append(p.Worlds, w)
	return p, d.world(file, w, imports, exports, true)
}

// encodedPackage makes a package of its encoding. Each interface and world is
// the type of a component, whose one export is the interface, as the type of
// an instance, or the world, as that of a component; an interface has imports
// for what it uses. In the older of two forms one component has all of them.
func (d *decoder) encodedPackage(file string, exports []entity.Extern) (*Package, error) {
	var p *Package
	var interfaces []*pending
	type worldDraft struct {
		world    *World
		contents *entity.Component
	}
	var worlds []worldDraft
	for _, x := range exports {
		c, _ := x.Item.(*entity.Type).Component()
		imports, inner, err := d.evaluator.Open(c)
		if err != nil {
			return nil, err
		}
		for _, in := range inner {
			name, item, err := interfaceName(in)
			if err != nil {
				return nil, err
			}
			if p == nil {
				p = d.pkg(name, file)
				d.files[p] = file
			}
			if p.Name != name {
				return nil, errorAt(in.Offset, "%s is not of package %s, as the others are", in.Name.Text, p.Name)
			}
			switch contents := in.Item.(type) {
			case *entity.Instance:
				todo := &pending{imports, in}
				interfaces = append(interfaces, todo)
				d.pending[name.item(item)] = todo
				d.draftOf(p, item)
			case *entity.Component:
				w := &World{Package: p, Name: item}
				p.Worlds = append(p.Worlds, w)
				worlds = append(worlds, worldDraft{w, contents})
			default:
				return nil, errorAt(in.Offset, "%s is neither an interface nor a world", in.Name.Text)
			}
		}
	}
	if p == nil {
		return nil, errorAt(0, "the encoding of a package without anything in it")
	}
	for _, i := range interfaces {
		if err := d.settle(file, i); err != nil {
			return nil, err
		}
	}
	for _, w := range worlds {
		imports, exports, err := d.evaluator.Open(w.contents)
		if err == nil {
			err = d.world(file, w.world, imports, exports, false)
		}
		if err != nil {
			return nil, err
		}
	}
	return p, nil
}

// settle decodes an interface of the package, once.
func (d *decoder) settle(file string, todo *pending) error {
	id, _, err := externID(todo.export)
	if err != nil || d.pending[id] != todo {
		return err
	}
	delete(d.pending, id)
	for _, im := range todo.imports {
		if _, err := d.namedInterface(file, im); err != nil {
			return err
		}
	}
	return d.interfaces[id].fill(todo.export.Item.(*entity.Instance))
}
