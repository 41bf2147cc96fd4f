package syntax

// kind is what a token is.
type kind uint8

const (
	kindEOF kind = iota
	kindBad      // what is no token; its error has been reported
	kindName
	kindInteger
	kindVersion // digits with a dot and more
	kindString

	kindEquals
	kindComma
	kindColon
	kindSemicolon
	kindLeftParen
	kindRightParen
	kindLeftBrace
	kindRightBrace
	kindLess
	kindGreater
	kindStar
	kindSlash
	kindPeriod
	kindMinus
	kindPlus
	kindAt
	kindArrow

	kindUse
	kindType
	kindFunc
	kindU8
	kindU16
	kindU32
	kindU64
	kindS8
	kindS16
	kindS32
	kindS64
	kindF32
	kindF64
	kindChar
	kindBool
	kindStringType
	kindResource
	kindOwn
	kindBorrow
	kindRecord
	kindFlags
	kindVariant
	kindEnum
	kindOption
	kindResult
	kindFuture
	kindStream
	kindErrorContext
	kindList
	kindMap
	kindUnderscore
	kindAs
	kindFrom
	kindStatic
	kindInterface
	kindTuple
	kindWorld
	kindImport
	kindExport
	kindPackage
	kindConstructor
	kindInclude
	kindWith
	kindAsync
)

// spellings holds the text of tokens that have only one.
var spellings = [...]string{
	kindEquals: "=", kindComma: ",", kindColon: ":", kindSemicolon: ";", kindLeftParen: "(", kindRightParen: ")",
	kindLeftBrace: "{", kindRightBrace: "}", kindLess: "<", kindGreater: ">", kindStar: "*", kindSlash: "/",
	kindPeriod: ".", kindMinus: "-", kindPlus: "+", kindAt: "@", kindArrow: "->",

	kindUse: "use", kindType: "type", kindFunc: "func", kindU8: "u8", kindU16: "u16", kindU32: "u32",
	kindU64: "u64", kindS8: "s8", kindS16: "s16", kindS32: "s32", kindS64: "s64", kindF32: "f32", kindF64: "f64",
	kindChar: "char", kindBool: "bool", kindStringType: "string", kindResource: "resource", kindOwn: "own",
	kindBorrow: "borrow", kindRecord: "record", kindFlags: "flags", kindVariant: "variant", kindEnum: "enum",
	kindOption: "option", kindResult: "result", kindFuture: "future", kindStream: "stream",
	kindErrorContext: "error-context", kindList: "list", kindMap: "map", kindUnderscore: "_", kindAs: "as",
	kindFrom: "from", kindStatic: "static", kindInterface: "interface", kindTuple: "tuple", kindWorld: "world",
	kindImport: "import", kindExport: "export", kindPackage: "package", kindConstructor: "constructor",
	kindInclude: "include", kindWith: "with", kindAsync: "async",
}

var keywords = func() map[string]kind {
	m := make(map[string]kind, kindAsync-kindUse+1)
	for k := kindUse; k <= kindAsync; k++ {
		m[spellings[k]] = k
	}
	return m
}()

func (k kind) keyword() bool { return k >= kindUse }

// String says how messages name the kind.
func (k kind) String() string {
	switch k {
	case kindEOF:
		return "the end of the file"
	case kindBad:
		return "an invalid token"
	case kindName:
		return "a name"
	case kindInteger:
		return "an integer"
	case kindVersion:
		return "a version"
	case kindString:
		return "a string"
	}
	return "`" + spellings[k] + "`"
}

// IsKeyword reports whether WIT reserves the word, so that it is a name only
// with a % before it.
func IsKeyword(word string) bool {
	_, ok := keywords[word]
	return ok
}

// token is one token.
type token struct {
	kind       kind
	start, end int32
	comments   int32 // number of comments before it in the file
}
