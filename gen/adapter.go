package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/witgen/witgen/gen/internal/printer"
)

// adapter is a method of a wrapper.
type adapter struct {
	*bridge
	wrapper    *wrapper
	want, have *method // have is nil if the wrapped has no such function

	names    []string // of the parameters
	code     []printer.Code
	missing  string
	declared bool           // err is
	made     []printer.Code // closes the resources that were made for arguments so far
}

// print declares the method.
func (a *adapter) print() printer.Code {
	recv := printer.Param{Name: "x", Type: printer.Name(a.wrapper.name)}
	iface := a.wrapper.older
	if a.wrapper.exported {
		iface = a.wrapper.newest
	}
	switch {
	case a.want.needs != 0:
		return a.want.refuse(printer.Param{Type: recv.Type}, a.want.notSupported(iface)).Code()
	case a.have == nil && a.wrapper.exported:
		return a.want.refuse(printer.Param{Type: recv.Type},
			abi("Lacks").Call(printer.String(a.version(false)), printer.String(iface.id), printer.String(a.want.wit.Name))).Code()
	}
	names := make([]string, len(a.want.arguments()))
	for k, p := range a.want.arguments() {
		names[k] = p.name
	}
	a.names = locals(names, func(name string) bool {
		return reserved(name) || bridgeNames[name] || a.named(name)
	}, "Arg")
	f := printer.Func{Recv: recv, Name: a.want.name}
	f.Params, f.Results = a.signature()
	switch {
	case a.have == nil:
		a.missing = "Version " + a.version(true) + " has no function " + a.want.wit.Name + " any more, and guests of version " + a.version(false) + " call it."
	case a.have.needs != 0:
		a.missing = "Function " + a.want.wit.Name + " takes streams, futures or error contexts in version " + a.version(!a.wrapper.exported) + "."
	default:
		a.forward()
	}
	f.Body = a.code
	if a.missing != "" {
		f.Body = []printer.Code{a.yours()}
	}
	return f.Code()
}

// named reports whether a file of the bridge calls a package so, or a local of a
// method could be called so.
func (a *adapter) named(name string) bool {
	for _, n := range a.bridge.names {
		if n == name {
			return true
		}
	}
	digits, found := strings.CutPrefix(name, "p")
	return found && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// signature returns the parameters and results of the method.
func (a *adapter) signature() (params, results []printer.Param) {
	k := -1
	return a.want.signature(func(param) string { k++; return a.names[k] })
}

// yours returns the call of a function that is the user's to write.
func (a *adapter) yours() printer.Code {
	params, results := a.signature()
	name := a.unique(a.wrapper.name + a.want.name)
	a.stubs = append(a.stubs, a.stub(printer.Func{
		Name: name, Params: slices.Insert(slices.Clone(params), 1, printer.Param{Name: "of", Type: a.wrapper.of}), Results: results,
	}, a.missing))
	args := []printer.Code{printer.Name("ctx"), printer.Name("x").Dot("of")}
	for _, n := range a.names {
		args = append(args, printer.Name(n))
	}
	return printer.Return(printer.Name(name).Call(args...))
}

// asks and answers are the ways of what the method is given, and of what it
// returns.
func (a *adapter) asks() way {
	return way{up: !a.wrapper.exported, exported: a.wrapper.exported}
}

func (a *adapter) answers() way {
	return way{up: a.wrapper.exported, answer: true, exported: a.wrapper.exported}
}

// forward prints the body of a method that calls the wrapped one.
func (a *adapter) forward() {
	args := a.pairArguments()
	if a.missing != "" {
		return
	}
	call := printer.Name("x").Dot("of").Dot(a.have.name).Call(append([]printer.Code{printer.Name("ctx")}, args...)...)
	value, drops := a.value()
	failure := a.failure()
	switch {
	case a.missing != "":
		return
	case value == nil && !drops && failure == nil && (a.have.goResult == nil) == (a.want.goResult == nil):
		a.code = append(a.code, printer.Return(call))
		return
	}
	names := []string{"err"}
	tells := drops && a.answers().up // what is dropped has to be nothing
	switch {
	case drops && !tells:
		names = []string{"_", "err"}
	case a.have.goResult != nil:
		names = []string{"v", "err"}
	}
	if a.declared && names[0] != "v" {
		a.code = append(a.code, printer.Assign(call, names...))
	} else {
		a.code = append(a.code, printer.Define(call, names...))
	}
	if failure == nil {
		failure = []printer.Code{a.fail(errName)}
	}
	a.code = append(a.code, printer.If(errName.Op("!=", nilName), failure...))
	if tells {
		a.code = append(a.code, printer.If(present(valName, a.have.returned()), a.fail(a.lossy(printer.String("what "+a.want.wit.Name+" returns")))))
	}
	switch {
	case a.want.goResult == nil:
		a.code = append(a.code, printer.Return(nilName))
	case a.have.goResult == nil:
		a.code = append(a.code, printer.Return(a.want.zeroResult(), nilName))
	case value != nil && value.fails && a.have.returned().owns:
		a.code = append(a.code,
			printer.Define(value.call(a.version(a.answers().up), valName), "out", "err"),
			printer.If(errName.Op("!=", nilName), a.discard(a.have.returned(), valName), a.fail(errName)),
			printer.Return(printer.Name("out"), nilName))
	case value != nil && value.fails:
		a.code = append(a.code, printer.Return(value.call(a.version(a.answers().up), valName)))
	default:
		a.code = append(a.code, printer.Return(value.call(a.version(a.answers().up), valName), nilName))
	}
}

// lossy returns the error of what the wrapped function answers and the wanted one
// cannot.
func (a *adapter) lossy(what printer.Code) printer.Code {
	return abi("Lossy").Call(printer.String(a.version(a.answers().up)), what)
}

// fail returns an error.
func (a *adapter) fail(err printer.Code) printer.Code {
	if a.want.goResult == nil {
		return printer.Return(err)
	}
	return printer.Return(a.want.zeroResult(), err)
}

// pairArguments returns the arguments of the wrapped function: by their names, and
// one that has another name now by its place.
func (a *adapter) pairArguments() []printer.Code {
	want, have := a.want.arguments(), a.have.arguments()
	skip := func(m *method) int { return len(m.params) - len(m.arguments()) }
	wantName := func(k int) string { return a.want.wit.Params[skip(a.want)+k].Name }
	haveName := func(k int) string { return a.have.wit.Params[skip(a.have)+k].Name }
	from, used := make([]int, len(have)), make([]bool, len(want))
	for k := range have {
		from[k] = slices.IndexFunc(want, func(p param) bool { return false })
		for j := range want {
			if wantName(j) == haveName(k) {
				from[k], used[j] = j, true
			}
		}
	}
	for k, p := range have {
		if from[k] < 0 && k < len(want) && !used[k] && want[k].typ.text == p.typ.text && len(want) == len(have) {
			from[k], used[k] = k, true
		}
	}
	for j, p := range want {
		switch {
		case used[j]:
		case !p.typ.absent():
			a.missing = fmt.Sprintf("Parameter %s has no place in version %s, and no %s stands for nothing.", wantName(j), a.version(a.asks().up), p.typ.text)
			return nil
		default:
			a.code = append(a.code, printer.If(present(printer.Name(a.names[j]), p.typ), a.refuse(
				abi("Lossy").Call(printer.String(a.version(a.asks().up)), printer.String("parameter "+wantName(j)+" of "+a.want.wit.Name)))...))
		}
	}
	args := make([]printer.Code, len(have))
	for k, p := range have {
		switch {
		case from[k] >= 0 && want[from[k]].typ.passes(p.typ):
			a.missing = fmt.Sprintf("Parameter %s is lent in one version and given away in the other.", haveName(k))
			return nil
		case from[k] >= 0:
			args[k] = a.argument(k, a.convert(want[from[k]].typ, p.typ, a.asks()), printer.Name(a.names[from[k]]))
		case p.typ.absent():
			args[k] = zero(p.typ, p.goType)
		default:
			a.missing = fmt.Sprintf("Parameter %s is new in version %s, and no %s stands for nothing.", haveName(k), a.version(a.asks().up), p.typ.text)
			return nil
		}
	}
	return args
}

// argument returns an argument as the wrapped function takes it.
func (a *adapter) argument(k int, c *conversion, v printer.Code) printer.Code {
	value := c.call(a.version(a.asks().up), v)
	if c == nil || !c.fails {
		return value
	}
	name := fmt.Sprintf("p%d", k)
	a.declared = true
	a.code = append(a.code, printer.Define(value, name, "err"), printer.If(errName.Op("!=", nilName), append(slices.Clone(a.made), a.refuse(errName)...)...))
	if c.makes {
		a.made = append(a.made, a.discardMade(c, printer.Name(name)))
	}
	return printer.Name(name)
}

// value returns the conversion of what the function returns beside an error. A
// value that the other version has none of is dropped if the host answers with it,
// and else has to be nothing.
func (a *adapter) value() (c *conversion, drops bool) {
	have, want := a.have.returned(), a.want.returned()
	switch {
	case have == nil && want == nil:
		return nil, false
	case have != nil && want != nil && have.passes(want):
		a.missing = fmt.Sprintf("What function %s returns is lent in one version and given away in the other.", a.want.wit.Name)
		return nil, false
	case have == nil && !want.absent():
		a.missing = fmt.Sprintf("Function %s returns something that it does not in version %s, and no %s stands for nothing.",
			a.want.wit.Name, a.version(!a.answers().up), want.text)
		return nil, false
	case want == nil && have.owns:
		a.missing = fmt.Sprintf("What function %s returns in version %s is somebody's to close.", a.want.wit.Name, a.version(!a.answers().up))
		return nil, false
	case want == nil && a.answers().up && !have.absent():
		a.missing = fmt.Sprintf("What function %s returns has no place in version %s, and no %s stands for nothing.",
			a.want.wit.Name, a.version(true), have.text)
		return nil, false
	case want == nil:
		return nil, true
	case have == nil:
		return nil, false
	}
	return a.convert(have, want, a.answers()), false
}

// returned returns the type of what the method returns beside an error; nil for
// nothing.
func (m *method) returned() *typ {
	if m.result != nil && m.result.kind == outcome {
		return m.result.parts[0].typ
	}
	return m.result
}

// failure returns the statements that return an error of the wrapped function as
// the wanted one fails: nil if it is that already, as all errors are that say that
// the call itself went wrong. What only a function fails with that may fail cannot
// be said by one that may not.
func (a *adapter) failure() []printer.Code {
	have, want := a.have.result, a.want.result
	if have == nil || have.kind != outcome {
		return nil
	}
	asked := func(name string) printer.Code {
		if a.wrapper.exported {
			return printer.Define(abi("Failed").Of(have.errType()).Call(errName), name, "ok")
		}
		return printer.Define(printer.Qual("errors", "AsType").Of(have.errType()).Call(errName), name, "ok")
	}
	from := have.parts[1].typ
	value := printer.Name("e").Dot("Value")
	if have.decl != nil {
		value = printer.Name("e")
	}
	if want == nil || want.kind != outcome {
		e, said := "_", []printer.Code{a.fail(a.lossy(printer.String("an error of "+a.want.wit.Name+": ").Op("+", errName.Dot("Error").Call())))}
		if from != nil && from.owns {
			e, said = "e", slices.Insert(said, 0, a.discard(from, value))
		}
		return []printer.Code{printer.IfSet(asked(e), printer.Name("ok"), said...), a.fail(errName)}
	}
	to := want.parts[1].typ
	var body []printer.Code
	e := "e"
	switch {
	case from == nil && to == nil:
		return nil
	case to == nil && from.owns:
		a.missing = fmt.Sprintf("What function %s fails with in version %s is somebody's to close.", a.want.wit.Name, a.version(!a.answers().up))
		return nil
	case to == nil && !a.answers().up: // an older guest does not ask for a reason
		e = "_"
	case to == nil && !from.absent():
		a.missing = fmt.Sprintf("Function %s fails with %s, which has no place in version %s.", a.want.wit.Name, from.text, a.version(true))
		return nil
	case to == nil:
		body = append(body, printer.If(present(value, from), a.fail(a.lossy(printer.String("what "+a.want.wit.Name+" fails with")))))
	case from == nil && !to.absent():
		a.missing = fmt.Sprintf("Function %s fails with %s, and in version %s without a reason.", a.want.wit.Name, to.text, a.version(!a.answers().up))
		return nil
	case from == nil:
		e, value = "_", zero(to, to.goType)
	default:
		c := a.convert(from, to, a.answers())
		if c == nil && (have.decl != nil) == (want.decl != nil) {
			return nil
		}
		given := value
		value = c.call(a.version(a.answers().up), value)
		if c != nil && c.fails {
			wrong := []printer.Code{a.fail(errName)}
			if from.owns {
				wrong = []printer.Code{a.discard(from, given), a.fail(errName)}
			}
			body = append(body, printer.Define(value, "verr", "err"), printer.If(errName.Op("!=", nilName), wrong...))
			value = printer.Name("verr")
		}
	}
	switch {
	case to == nil:
		value = want.errType().List()
	case want.decl == nil:
		value = want.errType().Keyed(printer.Key{Name: "Value", Value: value})
	}
	return []printer.Code{printer.IfSet(asked(e), printer.Name("ok"), append(body, a.fail(value))...), a.fail(errName)}
}
