package lint

import (
	"fmt"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// nearEnum is how many cases fewer than 256 are near that.
const nearEnum = 6

// pack looks at the package itself.
func (c *checker) pack() {
	if c.pkg.Name.Version == "" {
		c.add(c.pkg.Pos, PackageUnversioned,
			"package `"+c.pkg.Name.String()+"` has no version, so that no one can tell an old one from a new one",
			"write `package "+c.pkg.Name.String()+"@0.1.0;`")
	}
}

// gated reports an item that does not say since when it is there. Those of a
// package without a version cannot.
func (c *checker) gated(pos wit.Pos, what, name string, s wit.Stability) {
	if c.pkg.Name.Version == "" || s.Since != "" || s.Feature != "" {
		return
	}
	c.add(pos, SinceMissing, what+" `"+name+"` does not say which version it is there since",
		"write `@since(version = "+c.pkg.Name.Version+")` before it, or the version that had it first")
}

// iface looks at an interface and at what is in it. What an interface or
// resource without a gate holds is not asked for gates of its own.
func (c *checker) iface(i *wit.Interface) {
	c.gated(i.Pos, "interface", i.Name, i.Stability)
	whole := i.Stability == wit.Stability{}
	for _, d := range i.Types {
		if !own(d) {
			continue
		}
		if !whole {
			c.gated(d.Pos, "type", d.Name, d.Stability)
		}
		c.typeDef(d)
	}
	for _, f := range i.Funcs {
		if !whole && (f.Resource == nil || f.Resource.Stability != wit.Stability{}) {
			c.gated(f.Pos, "function", f.Name, f.Stability)
		}
		c.function(f)
	}
}

// own reports whether a type is declared where it is, and not used from
// another interface.
func own(d *wit.TypeDef) bool {
	used, ok := d.Type.(*wit.TypeDef)
	return !ok || used.Owner == d.Owner
}

func (c *checker) world(w *wit.World) {
	c.gated(w.Pos, "world", w.Name, w.Stability)
	for _, items := range [][]*wit.WorldItem{w.Imports, w.Exports} {
		for _, item := range items {
			switch {
			case item.Func != nil:
				c.function(item.Func)
			case item.Type != nil:
				if own(item.Type) {
					c.typeDef(item.Type)
				}
			case item.Interface.Name == "":
				c.inline(item.Interface)
			}
		}
	}
}

// inline looks at an interface without a name.
func (c *checker) inline(i *wit.Interface) {
	for _, d := range i.Types {
		if own(d) {
			c.typeDef(d)
		}
	}
	for _, f := range i.Funcs {
		c.function(f)
	}
}

func (c *checker) typeDef(d *wit.TypeDef) {
	switch t := d.Type.(type) {
	case *wit.Enum:
		c.cases(d, "enum", len(t.Cases))
	case *wit.Variant:
		c.cases(d, "variant", len(t.Cases))
	case *wit.Flags:
		c.flags(d, len(t.Flags))
	}
}

func (c *checker) cases(d *wit.TypeDef, kind string, n int) {
	if n > 256 || n < 256-nearEnum {
		return
	}
	c.add(d.Pos, EnumNearLimit,
		fmt.Sprintf("%s `%s` has %d cases: beyond 256 its discriminant takes 2 bytes instead of 1, and all that has one in it changes", kind, d.Name, n),
		"split it, or have a case that carries the rest as a number or string")
}

func (c *checker) flags(d *wit.TypeDef, n int) {
	for _, limit := range []int{8, 16, 32} {
		if n != limit && n != limit-1 {
			continue
		}
		message := fmt.Sprintf("flags `%s` has %d flags: beyond %d they take %d bytes instead of %d, and all that has them in it changes",
			d.Name, n, limit, limit/4, limit/8)
		fix := "add those that are to come now, or begin another set"
		if limit == 32 {
			message = fmt.Sprintf("flags `%s` has %d flags, and there may be no more than 32", d.Name, n)
			fix = "begin another set"
		}
		c.add(d.Pos, FlagsNearLimit, message, fix)
	}
}

func (c *checker) function(f *wit.Func) {
	if r, ok := wit.Underlying(f.Result).(*wit.Result); ok && r.Err == nil {
		c.add(f.Pos, ResultNoError, "function `"+f.Name+"` fails without saying why: its result has no error type",
			"write `"+resultWithError(r)+"` with an error type of yours, or `string`")
	}
	n := 0
	for _, p := range f.Params {
		n += len(layout.Flat(p.Type))
	}
	if n > layout.MaxFlatParams {
		c.add(f.Pos, ParamsSpill,
			fmt.Sprintf("the parameters of function `%s` are more than %d core values, so that each call copies them through memory", f.Name, layout.MaxFlatParams),
			"take fewer, or what is long as a list or in a resource")
	}
}

// resultWithError returns what a result without an error type could be.
func resultWithError(r *wit.Result) string {
	if r.OK == nil {
		return "result<_, error>"
	}
	ok := "T"
	if d, named := r.OK.(*wit.TypeDef); named {
		ok = d.Name
	} else if p, primitive := r.OK.(wit.Primitive); primitive {
		ok = p.String()
	}
	return "result<" + ok + ", error>"
}
