package types

import "strings"

// isSemver reports whether v is a version as Semantic Versioning 2.0 has it.
func isSemver(v string) bool {
	v, build, hasBuild := strings.Cut(v, "+")
	core, pre, hasPre := strings.Cut(v, "-")
	numbers := strings.SplitN(core, ".", 4)
	if len(numbers) != 3 {
		return false
	}
	for _, n := range numbers {
		if !isNumber(n) {
			return false
		}
	}
	return (!hasPre || isIdentifiers(pre, true)) && (!hasBuild || isIdentifiers(build, false))
}

// isNumber reports whether s is a decimal number without leading zeros.
func isNumber(s string) bool {
	for _, c := range []byte(s) {
		if !isDigit(c) {
			return false
		}
	}
	return s == "0" || s != "" && s[0] != '0'
}

// isIdentifiers reports whether s is a list of identifiers joined by dots;
// strict says that those of digits have no leading zeros.
func isIdentifiers(s string, strict bool) bool {
	for id := range strings.SplitSeq(s, ".") {
		digits := true
		for _, c := range []byte(id) {
			if !isDigit(c) {
				digits = false
				if lower := c | 0x20; c != '-' && (lower < 'a' || lower > 'z') {
					return false
				}
			}
		}
		if id == "" || strict && digits && !isNumber(id) {
			return false
		}
	}
	return true
}

// isCanonicalVersion reports whether v is the part of a version that decides
// about compatibility ("canonversion"): 1, 0.2, 0.0.3 or 0.0.0.
func isCanonicalVersion(v string) bool {
	v = strings.TrimPrefix(v, "0.")
	if rest, ok := strings.CutPrefix(v, "0."); ok {
		return isNumber(rest)
	}
	return isNumber(v) && v != "0"
}

// isVersionSuffix reports whether s has only the characters that may follow a
// canonical version ("semversuffix").
func isVersionSuffix(s string) bool {
	for _, c := range []byte(s) {
		lower := c | 0x20
		if !isDigit(c) && (lower < 'a' || lower > 'z') && c != '.' && c != '+' && c != '-' {
			return false
		}
	}
	return true
}
