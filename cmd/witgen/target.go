package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wave"
	"github.com/witgen/witgen/wit"
)

// target is a function that a component exports.
type target struct {
	iface string // empty for one of the component itself
	name  string
	typ   *wit.Func
}

// String returns the full name.
func (t target) String() string {
	if t.iface == "" {
		return t.name
	}
	return t.iface + "#" + t.name
}

// call is a target with its arguments. That of a command is made without being
// asked for.
type call struct {
	target
	args    []rt.Value
	command bool
}

// targets returns the functions among exports.
func targets(exports []rt.Extern) []target {
	var all []target
	for _, e := range exports {
		if e.Func != nil {
			all = append(all, target{"", e.Name, e.Func})
		}
		for _, x := range e.Instance {
			if x.Func != nil {
				all = append(all, target{e.Name, x.Name, x.Func})
			}
		}
	}
	return all
}

// findCalls reads the calls to make, or finds the one that is made if there are
// none.
func findCalls(exports []rt.Extern, texts []string) ([]call, error) {
	all := targets(exports)
	if len(texts) == 0 {
		c, err := findCommand(all)
		return []call{c}, err
	}
	var calls []call
	for _, text := range texts {
		var c call
		_, args, err := wave.ParseCall(text, func(name string) (*wit.Func, error) {
			var err error
			if c.target, err = find(all, name); err != nil {
				return nil, err
			}
			return c.typ, checkText(c.target)
		})
		if err != nil {
			return nil, fmt.Errorf("--invoke %s: %w", text, err)
		}
		c.args = args
		calls = append(calls, c)
	}
	return calls, nil
}

// isCommand reports whether the call runs a command of WASI 0.2.
func (c call) isCommand() bool { return strings.HasPrefix(c.iface, "wasi:cli/run@0.2.") && c.command }

// findCommand finds the function run of wasi:cli/run, or else of the component
// itself.
func findCommand(all []target) (call, error) {
	for _, iface := range []string{"wasi:cli/run", ""} {
		var found []target
		for _, t := range all {
			if unversioned(t.iface) == iface && t.name == "run" && len(t.typ.Params) == 0 {
				found = append(found, t)
			}
		}
		switch len(found) {
		case 0:
		case 1:
			return call{target: found[0], command: true}, checkText(found[0])
		default:
			return call{}, errors.New("several functions run: say which one with --invoke:" + list(found))
		}
	}
	if len(all) == 0 {
		return call{}, errors.New("the component exports no functions")
	}
	return call{}, errors.New("no function run without parameters: say with --invoke what to call:" + list(all))
}

// find finds the function of a name in one of the forms that the help lists:
// those that it is most exactly the name of, of which there has to be one.
func find(all []target, name string) (target, error) {
	iface, f, qualified := strings.Cut(name, "#")
	if !qualified {
		iface, f = "", name
	}
	var found []target
	for _, fits := range []func(iface string) bool{
		func(have string) bool { return have == iface },
		func(have string) bool { return unversioned(have) == iface && qualified },
		func(have string) bool { return short(have) == iface && qualified || !qualified },
	} {
		for _, t := range all {
			if t.name == f && fits(t.iface) {
				found = append(found, t)
			}
		}
		if len(found) > 0 {
			break
		}
	}
	switch len(found) {
	case 0:
		return target{}, unknown(all, name, f)
	case 1:
		return found[0], nil
	}
	return target{}, fmt.Errorf("%q may be any of these:%s", name, list(found))
}

// short returns the name of an interface without its package.
func short(iface string) string {
	path := unversioned(iface)
	return path[strings.LastIndexByte(path, '/')+1:]
}

// unknown returns the error that no function has this name: f is that without
// its interface's.
func unknown(all []target, name, f string) error {
	if len(all) == 0 {
		return errors.New("the component exports no functions")
	}
	plain := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "-", "")) }
	var near []target
	for _, t := range all {
		have, want := plain(t.name), plain(f)
		if strings.HasPrefix(have, want) || strings.HasPrefix(want, have) || strings.HasSuffix(have, "."+want) {
			near = append(near, t)
		}
	}
	if len(near) > 0 {
		return fmt.Errorf("no function %q; did you mean:%s", name, list(near))
	}
	return fmt.Errorf("no function %q; the component exports:%s", name, list(all))
}

// maxListed is how many functions an error lists.
const maxListed = 50

// list returns functions with their types, each on a line after a newline.
func list(all []target) string {
	var b strings.Builder
	for _, t := range all[:min(len(all), maxListed)] {
		fmt.Fprintf(&b, "\n  %s: %s", t, wit.FuncText(t.typ))
	}
	if more := len(all) - maxListed; more > 0 {
		fmt.Fprintf(&b, "\n  and %d more", more)
	}
	return b.String()
}

// checkText checks that the arguments and the result of a function have text,
// before it is called in vain.
func checkText(t target) error {
	seen := make(map[wit.Type]bool)
	for _, p := range t.typ.Params {
		if bad := textless(p.Type, seen); bad != nil {
			return fmt.Errorf("%s cannot be called from here: parameter %q has %s in it, which has no text form", t, p.Name, wit.TypeText(bad))
		}
	}
	if bad := textless(t.typ.Result, seen); bad != nil {
		return fmt.Errorf("%s cannot be called from here: its result has %s in it, which has no text form", t, wit.TypeText(bad))
	}
	return nil
}

// textless returns a type whose values have no text, of those that a type is
// made of and that were not seen before; nil if there is none.
func textless(t wit.Type, seen map[wit.Type]bool) wit.Type {
	if t == nil || seen[t] {
		return nil
	}
	seen[t] = true
	var parts []wit.Type
	switch u := wit.Underlying(t).(type) {
	case *wit.Handle, *wit.Stream, *wit.Future:
		return u
	case wit.Primitive:
		if u == wit.ErrorContext {
			return u
		}
	case *wit.Record:
		for _, f := range u.Fields {
			parts = append(parts, f.Type)
		}
	case *wit.Variant:
		for _, c := range u.Cases {
			parts = append(parts, c.Type)
		}
	case *wit.Tuple:
		parts = u.Types
	case *wit.Option:
		parts = []wit.Type{u.Elem}
	case *wit.Result:
		parts = []wit.Type{u.OK, u.Err}
	case *wit.List:
		parts = []wit.Type{u.Elem}
	case *wit.Map:
		parts = []wit.Type{u.Key, u.Value}
	}
	for _, part := range parts {
		if bad := textless(part, seen); bad != nil {
			return bad
		}
	}
	return nil
}
