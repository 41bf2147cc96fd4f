package types

import (
	"errors"
	"fmt"

	"github.com/witgen/witgen/wit"
)

// maxFaults is how many mismatches are described before it is enough.
const maxFaults = 5

// errTooLarge is what ends a comparison when no steps are left.
var errTooLarge = errors.New("types are too large")

// match checks that what an instantiation is given fits an import: instances
// and modules may export more than is wanted, components and modules import
// less; all other types are equal. What is given for a type replaces it in all
// that follows. See Explainer.md, "Type Checking".
func (s *substitution) match(want, got Extern) error {
	if !s.ck.charge(1) {
		return errTooLarge
	}
	if want.kind() != got.kind() {
		return s.fault("want %s, have %s", article(want.kind()), article(got.kind()))
	}
	switch {
	case want.Func != nil:
		return s.matchFunc(want.Func, got.Func)
	case want.Type != nil:
		return s.matchType(want, got)
	case want.Instance != nil:
		return s.matchInstance(want.Instance, got.Instance)
	case want.Component != nil:
		return s.matchComponent(want.Component, got.Component)
	}
	return s.ck.matchModule(want.Module, got.Module)
}

// fault describes a mismatch.
func (s *substitution) fault(format string, args ...any) error {
	s.ck.faults++
	return fmt.Errorf(format, args...)
}

func (s *substitution) matchFunc(want, got *wit.Func) error {
	if s.sameFunc(want, got) {
		return nil
	}
	if s.ck.left < 0 {
		return errTooLarge
	}
	w := s.function(want)
	if w, g := funcText(w), funcText(got); w != g {
		return s.fault("want %s, have %s", w, g)
	}
	return s.fault("want %s, have one of other resources of the same names", funcText(w))
}

func (s *substitution) matchType(want, got Extern) error {
	if want.Sub {
		v, _ := got.Type.(Value)
		if resource(v) == nil {
			return s.fault("want a resource, have another type")
		}
		s.of[resource(want.Type)] = v.Type
		return nil
	}
	switch w := want.Type.(type) {
	case Value:
		g, ok := got.Type.(Value)
		if !ok {
			return s.fault("want %s, have a type that is none of values", typeText(w.Type))
		}
		return s.matchValue(w.Type, g.Type)
	case *Func:
		if g, ok := got.Type.(*Func); ok {
			return s.matchFunc(w.Func, g.Func)
		}
	case *Instance:
		if g, ok := got.Type.(*Instance); ok {
			return s.matchInstance(w, g)
		}
	case *ComponentType:
		if g, ok := got.Type.(*ComponentType); ok {
			return s.matchComponent(w, g)
		}
	}
	return s.fault("want a type of another kind")
}

func (s *substitution) matchValue(want, got wit.Type) error {
	if !s.same(want, got) {
		if s.ck.left < 0 {
			return errTooLarge
		}
		w := s.value(want)
		if w, g := typeText(w), typeText(got); w != g {
			return s.fault("want %s, have %s", w, g)
		}
		return s.fault("want %s, have another resource of that name", typeText(w))
	}
	if t, ok := want.(*wit.TypeDef); ok {
		s.of[t] = got
	}
	return nil
}

func (s *substitution) matchInstance(want, got *Instance) error {
	var errs []error
	for _, w := range want.Exports {
		if s.ck.faults > maxFaults {
			break
		}
		g, ok := got.export(w.Name)
		if !ok {
			errs = append(errs, s.fault("missing export %.64q", w.Name))
		} else if err := s.match(w, g); err != nil {
			errs = append(errs, fmt.Errorf("export %.64q: %w", w.Name, err))
		}
	}
	return joined(errs)
}

// matchComponent gives the wanted component's imports to the one that there
// is, and compares what comes out with the exports that are wanted.
func (s *substitution) matchComponent(want, got *ComponentType) error {
	if !s.ck.charge(20 + len(want.Imports) + len(got.Exports)) {
		return errTooLarge
	}
	in, args := s.ck.substitution(nil), byName(want.Imports)
	var errs []error
	for _, g := range got.Imports {
		if s.ck.faults > maxFaults {
			break
		}
		i, ok := args[g.Name]
		if !ok {
			errs = append(errs, s.fault("it imports %.64q, which is not wanted", g.Name))
		} else if err := in.match(g, s.replace(want.Imports[i])); err != nil {
			errs = append(errs, fmt.Errorf("import %.64q: %w", g.Name, err))
		}
	}
	out, results := s.ck.substitution(s), byName(got.Exports)
	for _, w := range want.Exports {
		if s.ck.faults > maxFaults {
			break
		}
		i, ok := results[w.Name]
		if !ok {
			errs = append(errs, s.fault("missing export %.64q", w.Name))
		} else if err := out.match(w, in.replace(got.Exports[i])); err != nil {
			errs = append(errs, fmt.Errorf("export %.64q: %w", w.Name, err))
		}
	}
	return joined(errs)
}

// joined returns one error of some, on one line.
func joined(errs []error) error {
	if len(errs) == 0 {
		return nil
	}
	err := errs[0]
	for _, e := range errs[1:] {
		err = fmt.Errorf("%w; %w", err, e)
	}
	return err
}
