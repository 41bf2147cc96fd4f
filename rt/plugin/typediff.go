package plugin

import (
	"fmt"
	"strings"
)

// typeDiff says in what the types of a function differ, as WIT: the first parameter
// that does, or the result.
func typeDiff(guest, host string) string {
	g, gok := signatureOf(guest)
	h, hok := signatureOf(host)
	switch {
	case guest == "" && host == "":
		return "the guest wants another type than the host's"
	case !gok || !hok || g.async != h.async:
		return fmt.Sprintf("guest %s, host %s", short(guest), short(host))
	}
	for i := range min(len(g.params), len(h.params)) {
		a, b := g.params[i], h.params[i]
		if a == b {
			continue
		}
		name, wants, _ := strings.Cut(a, ": ")
		other, has, _ := strings.Cut(b, ": ")
		if name != other {
			return fmt.Sprintf("param %d: guest %q, host %q", i+1, name, other)
		}
		return fmt.Sprintf("param %d %q: guest %s, host %s", i+1, name, short(wants), short(has))
	}
	if len(g.params) != len(h.params) {
		return fmt.Sprintf("guest has %d params, host %d", len(g.params), len(h.params))
	}
	return fmt.Sprintf("result: guest %s, host %s", short(g.result), short(h.result))
}

// short cuts a type that nobody would read to its end.
func short(text string) string {
	const most = 200
	if len(text) > most {
		return text[:most] + "…"
	}
	return text
}

// signature is a function's type in parts.
type signature struct {
	async  bool
	params []string // "name: type"
	result string   // "none" if there is none
}

// signatureOf reads canonical text of a function's type.
func signatureOf(text string) (s signature, ok bool) {
	text, s.async = strings.CutPrefix(text, "async ")
	if text, ok = strings.CutPrefix(text, "func("); !ok {
		return s, false
	}
	depth, begin := 0, 0
	for i := range len(text) {
		switch c := text[i]; {
		case strings.IndexByte("(<{", c) >= 0:
			depth++
		case c == ',' && depth == 0:
			s.params = append(s.params, strings.TrimSpace(text[begin:i]))
			begin = i + 1
		case c == ')' && depth == 0:
			if last := strings.TrimSpace(text[begin:i]); last != "" {
				s.params = append(s.params, last)
			}
			s.result = "none"
			if result, ok := strings.CutPrefix(text[i+1:], " -> "); ok {
				s.result = result
			}
			return s, true
		case strings.IndexByte(")>}", c) >= 0 && (c != '>' || i == 0 || text[i-1] != '-'):
			depth--
		}
	}
	return s, false
}
