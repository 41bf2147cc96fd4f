// Package printer prints Go: expressions, statements, declarations and files
// of formatted source. It is the only package that knows jennifer, and it
// keeps what jennifer leaves open out of reach: comments cannot end early or
// become directives, every import is announced with the name it goes by, and a
// piece of code can be used twice.
//
// It knows neither scopes nor types: that names mean what they should is for
// its caller to see to.
package printer
