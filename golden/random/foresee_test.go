package random_test

import (
	"slices"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/wit"
)

// use is a call, and what comes of it.
type use struct {
	now, old *wit.Func // nil if the version has none
	route    route
	args     []rt.Value
	self     thing
	result   rt.Value
	asked    ownership // in the arguments
	answered ownership // in the result
	got      rt.Value
	err      error
}

// host returns the function as the host has it.
func (u *use) host() *wit.Func {
	if slices.Contains(u.route, 1) {
		return u.now
	}
	return u.old
}

// passed is what oracles say of the conversions of a call, in their order.
type passed struct {
	oracles [4]*oracle
	yours   bool       // a function that is the user's may be asked instead
	args    []rt.Value // as the host gets them
	result  rt.Value   // as the caller gets it
}

// unbound returns a function without the parameter of a method that is its resource.
func unbound(f *wit.Func) *wit.Func {
	of := *f
	if f.Kind == wit.Method {
		of.Params = f.Params[1:]
	}
	return &of
}

// foresee has oracles convert arguments, and a result.
func foresee(u *use) *passed {
	p := &passed{oracles: [4]*oracle{{}, {up: true}, {answer: true}, {answer: true, up: true}}, args: u.args, result: u.result}
	if u.now == nil { // which guests of the older version call
		p.yours, p.oracles[1].yours = true, true
		return p
	}
	for _, stage := range u.route {
		o := p.oracles[stage]
		from, to := unbound(u.now), unbound(u.old)
		if o.up {
			from, to = to, from
		}
		static := *o // some ask before there is a value
		if stage < 2 {
			static.pairs(from, to)
		} else {
			static.outcomes(from.Result, to.Result)
		}
		switch sure := p.sure(); {
		case sure && stage < 2:
			p.args = o.params(from, to, p.args)
		case sure:
			p.result = o.returned(from.Result, to.Result, p.result)
		}
		p.yours = p.yours || static.yours || o.yours
	}
	return p
}

// sure reports whether all has gone well so far.
func (p *passed) sure() bool {
	return !slices.ContainsFunc(p.oracles[:], func(o *oracle) bool { return o.lossy || o.yours })
}

// lost returns the stage that something cannot be said at, -1 for none.
func (p *passed) lost() int {
	return slices.IndexFunc(p.oracles[:], func(o *oracle) bool { return o.lossy })
}
