package compat

import (
	"slices"
	"strconv"
	"strings"

	"github.com/witgen/witgen/wit"
)

// functions compares the functions of a body.
func (c *comparer) functions(b *bodyPair) {
	var gone, fresh []*wit.Func
	for _, f := range b.old.funcs {
		switch g := c.funcs[f]; {
		case g != nil:
			c.function(b, f, g)
		case c.alone(b, f):
			gone = append(gone, f)
		}
	}
	for _, g := range b.now.funcs {
		if c.before[g] == nil && c.alone(b, g) {
			fresh = append(fresh, g)
		}
	}
	gone, fresh = c.otherKind(b, gone, fresh)
	gone, fresh = c.renamedFuncs(b, gone, fresh)
	for _, f := range gone {
		c.funcGone(b, f)
	}
	for _, g := range fresh {
		c.funcAdded(b, g)
	}
}

// alone reports whether a function that is on one side only is a change of its
// own: it is none if its resource came or went, and none if the world has it in
// the other role, or an interface by its name.
func (c *comparer) alone(b *bodyPair, f *wit.Func) bool {
	if w := b.world; w != nil {
		n := roleNumber(b.at[0].role)
		was, is := w.was[n].byKey[f.Name], w.is[n].byKey[f.Name]
		if w.turned(f.Name) || was != nil && is != nil && (was.Interface == nil) != (is.Interface == nil) {
			return false
		}
	}
	if f.Resource == nil {
		return true
	}
	o, n := f.Resource, c.same[f.Resource]
	if n == nil {
		o, n = c.origin[f.Resource], f.Resource
	}
	return o != nil && o.Name == n.Name && isResource(o) && isResource(n) && c.moved[o] == nil
}

// otherKind takes out methods that are static now, and the other way round.
func (c *comparer) otherKind(b *bodyPair, gone, fresh []*wit.Func) (_, _ []*wit.Func) {
	by := make(map[string]*wit.Func)
	for _, g := range fresh {
		by[funcPath(g)] = g
	}
	paired := make(map[*wit.Func]bool)
	for _, f := range gone {
		g := by[funcPath(f)]
		if g == nil || g.Kind == f.Kind || f.Resource == nil {
			continue
		}
		paired[f], paired[g] = true, true
		ch := c.funcChange(b, f, g, "METHOD_SAME_KIND", "is "+kindText(g)+" now, it was "+kindText(f))
		ch.silent = false // names of methods say what they are
		c.addAll(b, ch)
	}
	return without(gone, paired), without(fresh, paired)
}

func kindText(f *wit.Func) string {
	if f.Kind == wit.Static {
		return "static"
	}
	return "a method"
}

// renamedFuncs takes out functions that got another name: one is gone, and the
// only new one of its type is the other.
func (c *comparer) renamedFuncs(b *bodyPair, gone, fresh []*wit.Func) (_, _ []*wit.Func) {
	type look struct {
		in    string
		shape shape
	}
	of := func(s *side, f *wit.Func) look {
		l := look{shape: c.funcShape(s, f)}
		if f.Resource != nil {
			l.in = f.Resource.Name
		}
		return l
	}
	was, is := make(map[look][]*wit.Func), make(map[look][]*wit.Func)
	for _, f := range gone {
		k := of(c.old, f)
		was[k] = append(was[k], f)
	}
	for _, g := range fresh {
		k := of(c.now, g)
		is[k] = append(is[k], g)
	}
	paired := make(map[*wit.Func]bool)
	for _, f := range gone {
		k := of(c.old, f)
		if len(was[k]) != 1 || len(is[k]) != 1 {
			continue
		}
		g := is[k][0]
		paired[f], paired[g] = true, true
		ch := c.funcChange(b, f, g, c.goneRule(b, f), "")
		ch.what = "`" + ch.item + "` is gone, and `" + b.prefix + funcPath(g) + "` of the same type is new"
		ch.silent = false
		ch.fix = "keep `" + funcPath(f) + "` beside `" + funcPath(g) + "`"
		c.addAll(b, ch)
	}
	return without(gone, paired), without(fresh, paired)
}

func without(funcs []*wit.Func, drop map[*wit.Func]bool) []*wit.Func {
	return slices.DeleteFunc(funcs, func(f *wit.Func) bool { return drop[f] })
}

// goneRule returns the rule about a function that is gone.
func (c *comparer) goneRule(b *bodyPair, f *wit.Func) string {
	switch {
	case f.Resource != nil:
		return "METHOD_NO_DELETE"
	case b.world == nil:
		return "FUNC_NO_DELETE"
	case b.at[0].role == Exports:
		return "WORLD_EXPORT_NO_DELETE"
	}
	return "WORLD_IMPORT_NO_DELETE"
}

func (c *comparer) funcGone(b *bodyPair, f *wit.Func) {
	for _, at := range b.at {
		item := b.prefix + funcPath(f)
		c.add(at, change{
			rule: c.goneRule(b, f), guests: at.role == Imports, hosts: at.role == Exports, partly: at.role == Imports,
			pkg: b.old.pkg.Name.String(), item: item, old: place(f.Pos, funcText(f)),
			what: "`" + item + "` is gone",
		})
	}
}

func (c *comparer) funcAdded(b *bodyPair, g *wit.Func) {
	for _, at := range b.at {
		rule, role := "FUNC_ADDED", "_IMPORT"
		if at.role == Exports {
			role = "_EXPORT"
		}
		switch {
		case g.Resource != nil:
			rule = "METHOD_ADDED" + role
		case b.world != nil:
			rule = "WORLD" + role + "_ADDED"
		default:
			rule += role
		}
		item := b.prefix + funcPath(g)
		c.add(at, c.optional(change{
			rule: rule, guests: at.role == Exports, hosts: at.role == Imports, partly: at.role == Imports,
			pkg: b.now.pkg.Name.String(), item: item, new: place(g.Pos, funcText(g)),
			what: "`" + item + "` is new",
		}))
	}
}

// funcChange returns a change of a function that concerns both directions.
func (c *comparer) funcChange(b *bodyPair, f, g *wit.Func, rule, what string) change {
	item := b.prefix + funcPath(g)
	if f.Name != g.Name {
		item = b.prefix + funcPath(f)
	}
	return change{
		rule: rule, guests: true, hosts: true, silent: sameCore(f, g),
		pkg: b.now.pkg.Name.String(), item: item,
		old: place(f.Pos, funcText(f)), new: place(g.Pos, funcText(g)),
		what: "`" + item + "` " + what,
	}
}

// addAll adds the findings of a change in each position.
func (c *comparer) addAll(b *bodyPair, ch change) {
	for _, at := range b.at {
		c.add(at, ch)
	}
}

// function compares two functions of one name.
func (c *comparer) function(b *bodyPair, f, g *wit.Func) {
	if f.Async != g.Async {
		what := "is async now"
		if f.Async {
			what = "is not async any more"
		}
		c.addAll(b, c.funcChange(b, f, g, "FUNC_SAME_ASYNC", what))
	}
	c.params(b, f, g)
	switch d := c.diff(f.Result, g.Result); {
	case d == sameTypes:
	case f.Kind == wit.Constructor:
		c.addAll(b, c.funcChange(b, f, g, "CONSTRUCTOR_SAME_RESULT", "returns "+resultText(g.Result)+", it returned "+resultText(f.Result)))
	default:
		c.addAll(b, c.funcChange(b, f, g, "FUNC_SAME_RESULT", "returns "+resultText(g.Result)+", it returned "+resultText(f.Result)))
	}
}

// params compares the parameters of two functions.
func (c *comparer) params(b *bodyPair, f, g *wit.Func) {
	old, now := paramNames(f), paramNames(g)
	var diffs []int
	for i := range min(len(f.Params), len(g.Params)) {
		if c.diff(f.Params[i].Type, g.Params[i].Type) != sameTypes {
			diffs = append(diffs, i)
		}
	}
	switch {
	case slices.Equal(old, now):
		for _, i := range diffs {
			c.param(b, f, g, i)
		}
	case len(old) == len(now) && len(diffs) == 0:
		c.paramNames(b, f, g, old, now)
	default:
		var clauses []string
		for i, n := range now {
			text := "`" + n + ": " + typeText(g.Params[i].Type) + "`"
			switch k := slices.Index(old, n); {
			case k < 0:
				clauses = append(clauses, "takes a new "+text)
			case c.diff(f.Params[k].Type, g.Params[i].Type) != sameTypes:
				clauses = append(clauses, "takes "+text+", which was `"+typeText(f.Params[k].Type)+"`")
			}
		}
		for _, n := range old {
			if !slices.Contains(now, n) {
				clauses = append(clauses, "takes no `"+n+"` any more")
			}
		}
		if len(clauses) == 0 {
			clauses = []string{"takes its parameters in another order"}
		}
		c.addAll(b, c.funcChange(b, f, g, "FUNC_SAME_PARAMS", strings.Join(clauses, " and ")))
	}
}

func paramNames(f *wit.Func) []string {
	list := make([]string, len(f.Params))
	for i, p := range f.Params {
		list[i] = p.Name
	}
	return list
}

// paramNames compares names of parameters whose types are the same.
func (c *comparer) paramNames(b *bodyPair, f, g *wit.Func, old, now []string) {
	var renamed []string
	for i := range old {
		if old[i] != now[i] {
			renamed = append(renamed, "parameter "+strconv.Itoa(i+1)+" is `"+now[i]+"` now, it was `"+old[i]+"`")
		}
	}
	rule, what := "FUNC_SAME_PARAM_NAMES", "names its parameters differently: "+strings.Join(renamed, ", ")
	then := "hosts that compare names do not link %s"
	if slices.Equal(slices.Sorted(slices.Values(old)), slices.Sorted(slices.Values(now))) {
		rule, what = "FUNC_SAME_PARAM_ORDER", "takes its parameters in another order: "+strings.Join(renamed, ", ")
		then = "hosts that compare no names link %s, and one value is taken for another"
	}
	ch := c.funcChange(b, f, g, rule, what)
	ch.then = then
	c.addAll(b, ch)
}

// param compares a parameter whose type changed.
func (c *comparer) param(b *bodyPair, f, g *wit.Func, i int) {
	o, n := f.Params[i], g.Params[i]
	ch := c.funcChange(b, f, g, c.diff(o.Type, n.Type).rule(), "")
	ch.item += "." + n.Name
	ch.old.Line, ch.old.Col = o.Pos.Line, o.Pos.Col
	ch.new.Line, ch.new.Col = n.Pos.Line, n.Pos.Col
	ch.what = "`" + ch.item + "` is `" + typeText(n.Type) + "`, it was `" + typeText(o.Type) + "`" + explained(o.Type, n.Type)
	c.addAll(b, ch)
}
