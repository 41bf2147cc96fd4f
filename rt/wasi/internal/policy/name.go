package policy

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"unicode"
)

// ErrName is for what is neither a name nor an address.
var ErrName = errors.New("not the name of a host, nor an address")

// errUnicode is in what is said of the name of a rule: guests and resolvers have
// its other spelling.
var errUnicode = fmt.Errorf("%w: letters beyond ASCII: write the name as it is looked up, as in xn--bcher-kva.example", ErrName)

// maxName is how long a name may be, without the dot that may end it. See RFC
// 1035, 2.3.4.
const maxName = 253

// Canonical returns the name of a host in lower case and without the dot that
// may end it. Names have letters, digits, hyphens and underscores of ASCII. One
// that ends with a number is none: what is resolved to an address by its
// spelling, as 127.1 and 0x7f000001 are by some, is only ever the address that
// netip makes of it. International names are spelt in ASCII, with labels that
// begin with xn--.
func Canonical(name string) (string, error) {
	name = strings.TrimSuffix(name, ".")
	if name == "" || len(name) > maxName {
		return "", ErrName
	}
	if strings.IndexFunc(name, func(r rune) bool { return r > unicode.MaxASCII }) >= 0 {
		return "", errUnicode
	}
	last := ""
	for label := range strings.SplitSeq(name, ".") {
		if !isLabel(label) {
			return "", ErrName
		}
		last = label
	}
	if isNumber(last) {
		return "", ErrName
	}
	return strings.ToLower(name), nil
}

func isLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// isNumber reports whether a label is a number in a spelling that C reads.
func isNumber(s string) bool {
	digits := "0123456789"
	if len(s) > 1 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') {
		s, digits = s[2:], "0123456789abcdefABCDEF"
	}
	return strings.Trim(s, digits) == ""
}

// Literal returns the address that a host is spelt as, if it is one. An IPv6
// address may have brackets, and has no zone.
func Literal(host string) (netip.Addr, bool) {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		if inner, ok = strings.CutSuffix(inner, "]"); !ok || !strings.Contains(inner, ":") {
			return netip.Addr{}, false
		}
		host = inner
	}
	a, err := netip.ParseAddr(host)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, false
	}
	return a.Unmap(), true
}
