package web

import (
	"net/netip"
	"strconv"
	"strings"
)

// maxPath is how long a path with its query may be.
const maxPath = 64 << 10

// isToken reports whether s is a token, as methods and the names of fields are.
// See RFC 9110, 5.6.2.
func isToken(s string) bool {
	for i := range len(s) {
		if !isTokenByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func isTokenByte(c byte) bool {
	return isAlphanumeric(c) || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// isFieldValue reports whether v may be the value of a field: nothing in it ends
// a line or is another control character. See RFC 9110, 5.5.
func isFieldValue(v []byte) bool {
	for _, c := range v {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// lengthOf returns the number that a content-length is: digits alone, and no
// more than fit. See RFC 9110, 8.6.
func lengthOf(v string) (n uint64, ok bool) {
	for i := range len(v) {
		if v[i] < '0' || v[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(v, 10, 63)
	return n, err == nil
}

// isPath reports whether s may be a path with a query: what the request line of
// HTTP/1.1 can hold as it is. It begins with "/" or with the "?" of a query, or
// is "*" or empty.
func isPath(s string) bool {
	if len(s) > maxPath || s != "" && s != "*" && s[0] != '/' && s[0] != '?' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("#<>\\^`", c) >= 0 {
			return false
		}
	}
	return true
}

// isScheme reports whether s is the name of a scheme. See RFC 3986, 3.1.
func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || !isAlphanumeric(c) && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// isAuthority reports whether s is a host, as a name or an address, with or
// without a port. It has no user in it, which would let it pass for another
// host.
func isAuthority(s string) bool {
	port := ""
	if rest, ok := strings.CutPrefix(s, "["); ok {
		inside, after, ok := strings.Cut(rest, "]")
		addr, err := netip.ParseAddr(inside)
		if !ok || err != nil || !addr.Is6() || addr.Zone() != "" {
			return false
		}
		port = after
	} else {
		i := strings.IndexByte(s, ':')
		if i < 0 {
			i = len(s)
		}
		if port = s[i:]; !isHost(s[:i]) {
			return false
		}
	}
	return port == "" || isPort(port)
}

// isHost reports whether s can be the name of a host, or an IPv4 address.
func isHost(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlphanumeric(c) && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return s != "" && len(s) <= 255
}

// isPort reports whether s is a colon and a port.
func isPort(s string) bool {
	n, ok := lengthOf(s[1:])
	return s[0] == ':' && ok && n <= 65535 && len(s) <= 6
}
