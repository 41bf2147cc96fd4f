package printer

import "github.com/dave/jennifer/jen"

// Define returns names := value.
func Define(value Code, names ...string) Code { return set(":=", value, names) }

// Declare returns var name t.
func Declare(name string, t Code) Code { return Code{jen.Var().Id(name).Add(t.s)} }

// Assign returns names = value.
func Assign(value Code, names ...string) Code { return set("=", value, names) }

func set(op string, value Code, names []string) Code {
	var left []jen.Code
	for _, n := range names {
		left = append(left, jen.Id(n))
	}
	return Code{jen.List(left...).Op(op).Add(value.s)}
}

// Set returns place = value.
func Set(place, value Code) Code { return Code{place.tokens().Op("=").Add(value.s)} }

// Set2 returns a, b = x, y.
func Set2(a, b, x, y Code) Code {
	return Code{jen.List(a.s, b.s).Op("=").List(x.s, y.s)}
}

// Return returns a return statement.
func Return(values ...Code) Code { return Code{jen.Return(all(values)...)} }

// If returns if cond { body }.
func If(cond Code, body ...Code) Code { return Code{jen.If(cond.s).Block(all(body)...)} }

// IfSet returns if init; cond { body }.
func IfSet(init, cond Code, body ...Code) Code {
	return Code{jen.If(init.s, cond.s).Block(all(body)...)}
}

// Range returns for index := range over { body }.
func Range(index string, over Code, body ...Code) Code {
	return Code{jen.For(jen.Id(index).Op(":=").Range().Add(over.s)).Block(all(body)...)}
}

// RangePairs returns for index, value := range over { body }.
func RangePairs(index, value string, over Code, body ...Code) Code {
	return Code{jen.For(jen.List(jen.Id(index), jen.Id(value)).Op(":=").Range().Add(over.s)).Block(all(body)...)}
}

// Switch returns switch on { cases }. On may be a definition of what is
// switched on.
func Switch(on Code, cases ...Code) Code { return Code{jen.Switch(on.s).Block(all(cases)...)} }

// Case returns case value: body.
func Case(value Code, body ...Code) Code { return Code{jen.Case(value.s).Block(all(body)...)} }

// Default returns default: body.
func Default(body ...Code) Code { return Code{jen.Default().Block(all(body)...)} }
