package echo

// Encoding is how a guest has strings in its memory: the canonical option
// string-encoding.
type Encoding byte

// The string encodings.
const (
	UTF8 Encoding = iota
	UTF16
	Latin1UTF16 // one or the other, by each string
)

// Encodings are all of them.
var Encodings = []Encoding{UTF8, UTF16, Latin1UTF16}

// String returns the name of the option.
func (e Encoding) String() string {
	switch e {
	case UTF8:
		return "utf8"
	case UTF16:
		return "utf16"
	case Latin1UTF16:
		return "latin1+utf16"
	}
	return "invalid"
}
