package wave

import (
	"strings"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/wit"
)

var none = cm.None[rt.Value]()

// member reads the label of a field, a case or a flag of type t, and returns
// its index.
func (p *parser) member(t wit.Type, what string, index map[string]int) (int, error) {
	if p.tok.kind != kindLabel {
		return 0, p.unexpected("a " + what + " of " + typeText(t))
	}
	name := strings.TrimPrefix(p.raw(), "%")
	i, ok := index[name]
	if !ok {
		return 0, p.errorf("%s has no %s %s: it has %s", typeText(t), what, clip(name, maxExcerpt), listed(wit.Underlying(t)))
	}
	p.next()
	return i, nil
}

// caseOf reads the label of a case of a variant or an enum.
func (p *parser) caseOf(t wit.Type, index map[string]int) (int, error) {
	if p.tok.kind != kindLabel {
		return 0, p.mismatch(t)
	}
	if name := p.raw(); isKeyword(name) {
		if _, ok := index[name]; ok {
			return 0, p.errorf("expected %s, found the keyword `%s`: the case is written `%%%[2]s`", typeText(t), name)
		}
	}
	return p.member(t, "case", index)
}

func (p *parser) variant(t wit.Type, u *wit.Variant) (rt.Value, error) {
	i, err := p.caseOf(t, p.labels.of(u))
	if err != nil {
		return nil, err
	}
	c := u.Cases[i]
	v, err := p.payload(t, c.Name, c.Type)
	return rt.Variant{Case: c.Name, Value: v}, err
}

func (p *parser) enum(t wit.Type, u *wit.Enum) (rt.Value, error) {
	i, err := p.caseOf(t, p.labels.of(u))
	if err != nil {
		return nil, err
	}
	_, err = p.payload(t, u.Cases[i].Name, nil)
	return rt.Enum(u.Cases[i].Name), err
}

// payload reads what is in parentheses after a case of t; type of is nil for a
// case that holds nothing.
func (p *parser) payload(t wit.Type, name string, of wit.Type) (rt.Value, error) {
	switch {
	case of == nil && p.tok.kind == '(':
		return nil, p.errorf("case %s of %s holds nothing, found `(`", name, typeText(t))
	case of == nil:
		return nil, nil
	case p.tok.kind != '(':
		return nil, p.unexpected("`(` and the " + typeText(of) + " that case " + name + " of " + typeText(t) + " holds")
	}
	p.next()
	v, err := p.value(of)
	if err != nil {
		return nil, err
	}
	return v, p.expect(')')
}

func (p *parser) flags(t wit.Type, u *wit.Flags) (rt.Value, error) {
	if err := p.open('{', t); err != nil {
		return nil, err
	}
	if p.tok.kind == ':' {
		return nil, p.errorf("expected a flag of %s, found `:`: flags without any are written {}", typeText(t))
	}
	index := p.labels.of(u)
	set := make([]bool, len(u.Flags))
	_, err := p.sequence('}', func() error {
		at := p.tok.from
		i, err := p.member(t, "flag", index)
		if err != nil {
			return err
		}
		if set[i] {
			return errorAt(p.text, at, "flag %s is there twice", u.Flags[i].Name)
		}
		set[i] = true
		return nil
	})
	flags := rt.Flags{}
	for i, f := range u.Flags {
		if set[i] {
			flags = append(flags, f.Name)
		}
	}
	return flags, err
}

func (p *parser) option(t wit.Type, u *wit.Option) (rt.Value, error) {
	switch {
	case p.at("none"):
		p.next()
		_, err := p.payload(t, "none", nil)
		return none, err
	case p.at("some"):
		p.next()
		v, err := p.payload(t, "some", u.Elem)
		return cm.Some(v), err
	}
	v, err := p.short(t, u.Elem)
	return cm.Some(v), err
}

func (p *parser) result(t wit.Type, u *wit.Result) (rt.Value, error) {
	switch {
	case p.at("ok"):
		p.next()
		v, err := p.payload(t, "ok", u.OK)
		return cm.OK[rt.Value, rt.Value](v), err
	case p.at("err"):
		p.next()
		v, err := p.payload(t, "err", u.Err)
		return cm.Fail[rt.Value](v), err
	}
	v, err := p.short(t, u.OK)
	return cm.OK[rt.Value, rt.Value](v), err
}

// short reads the value of type of that the option or result t holds, written
// without some or ok.
func (p *parser) short(t, of wit.Type) (rt.Value, error) {
	if !flattens(of) {
		return nil, p.mismatch(t)
	}
	p.flat, p.flatAt = t, p.tok.from
	return p.value(of)
}
