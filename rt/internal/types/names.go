package types

import (
	"errors"
	"fmt"

	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/wit"
)

// maxName bounds import and export names, in bytes: the text of a type has the
// names of resources in it, over and over.
const maxName = 1000

// names are the names of a scope's imports, or those of its exports.
type names struct {
	used map[string]string // by their canonical form

	// resources are those that have a name of their own, not one inside an
	// instance: methods can belong to them.
	resources map[string]*wit.TypeDef
}

// add checks the name of an import or export and what its form and attributes
// want of the type, and notes it. See Binary.md, "Import and Export
// Definitions".
func (ns *names) add(n binary.Name, e Extern) error {
	if len(n.Name) > maxName {
		return fmt.Errorf("name is too long: %d bytes, at most %d are allowed", len(n.Name), maxName)
	}
	name, err := parseName(n.Name)
	if err != nil {
		return err
	}
	key := name.canonical(n.Name)
	if other, ok := ns.used[key]; ok {
		return fmt.Errorf("name is not unique: it conflicts with %.64q", other)
	}
	if ns.used == nil {
		ns.used = make(map[string]string)
	}
	ns.used[key] = n.Name
	if err := checkAttributes(n, name, e); err != nil {
		return err
	}
	if name.annotated() {
		return ns.checkAnnotated(name, e)
	}
	return nil
}

// introduce notes that a name is a resource's, for those after it.
func (ns *names) introduce(name string, e Extern) {
	if r := resource(e.Type); r != nil {
		if ns.resources == nil {
			ns.resources = make(map[string]*wit.TypeDef)
		}
		ns.resources[name] = r
	}
}

func checkAttributes(n binary.Name, name externName, e Extern) error {
	if n.Repeated {
		return errors.New("an attribute is given twice")
	}
	if n.Implements != nil {
		i, err := parseName(*n.Implements)
		switch {
		case e.Instance == nil:
			return fmt.Errorf("only instances can have an implements attribute, not %s", article(e.kind()))
		case name.form != plainName:
			return errors.New("only plain names can have an implements attribute")
		case err != nil:
			return fmt.Errorf("implements: %w", err)
		case i.form != interfaceName:
			return fmt.Errorf("implements: %.64q is not the name of an interface", *n.Implements)
		}
	}
	if n.VersionSuffix != nil {
		switch v := *n.VersionSuffix; {
		case !isVersionSuffix(v):
			return fmt.Errorf("versionsuffix: %.64q has characters that no version has", v)
		case !isCanonicalVersion(name.version):
			return errors.New("versionsuffix: the name has no canonical version")
		case !isSemver(name.version + v):
			return fmt.Errorf("versionsuffix: %.64q is not a version", name.version+v)
		}
	}
	return nil
}

// checkAnnotated checks that a function fits the resource that its name says
// it belongs to.
func (ns *names) checkAnnotated(name externName, e Extern) error {
	f := e.Func
	if f == nil {
		return fmt.Errorf("names with an annotation are for functions, not for %s", article(e.kind()))
	}
	r := ns.resources[name.resource]
	if r == nil {
		return fmt.Errorf("there is no resource of the name %.64q here", name.resource)
	}
	switch name.form {
	case constructorName:
		if !isHandle(constructed(f.Result), r, false) {
			return fmt.Errorf("a constructor of %.64q must return it, alone or in a result", name.resource)
		}
	case methodName:
		if len(f.Params) == 0 || f.Params[0].Name != "self" || !isHandle(f.Params[0].Type, r, true) {
			return fmt.Errorf("the first parameter of a method of %.64[1]q must be self: borrow<%.64[1]s>", name.resource)
		}
	}
	return nil
}

// constructed returns what a constructor constructs if it returns t.
func constructed(t wit.Type) wit.Type {
	if r, ok := t.(*wit.Result); ok {
		return r.OK
	}
	return t
}

// isHandle reports whether t is a handle to the resource.
func isHandle(t wit.Type, r *wit.TypeDef, borrow bool) bool {
	h, ok := t.(*wit.Handle)
	return ok && h.Borrow == borrow && h.Resource.Root() == r
}

// uniqueLabels checks that labels are labels and unique among each other.
func uniqueLabels[T any](what string, list []T, label func(T) string) error {
	used := make(map[string]string, len(list))
	for _, x := range list {
		l := label(x)
		if err := checkLabel(l); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		key := externName{form: plainName}.canonical(l)
		if other, ok := used[key]; ok {
			return fmt.Errorf("%s %.64q is not unique: it conflicts with %.64q", what, l, other)
		}
		used[key] = l
	}
	return nil
}
