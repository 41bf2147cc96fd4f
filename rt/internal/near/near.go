// Package near finds what a misspelt name may have been meant to be.
package near

import "strings"

// longest is how many bytes a name may have that is compared with others: the
// work grows with its length and with theirs.
const longest = 64

// Name returns the known name that a name is most likely meant to be; empty if
// none is near. The known names are in lower case.
func Name(s string, known []string) string {
	if len(s) > longest {
		return ""
	}
	// Of a name that has one letter nothing would be left.
	best, least := "", min(max(len(s)/3, 1)+1, len(s))
	for _, k := range known {
		if len(k) >= len(s)+least {
			continue
		}
		if e := edits(strings.ToLower(s), k); e < least {
			best, least = k, e
		}
	}
	return best
}

// edits returns how many letters differ between two names: dropped, added or
// replaced.
func edits(from, to string) int {
	previous := make([]int, len(to)+1)
	for j := range previous {
		previous[j] = j
	}
	for i, a := range []byte(from) {
		current := []int{i + 1}
		for j, b := range []byte(to) {
			replaced := previous[j]
			if a != b {
				replaced++
			}
			current = append(current, min(replaced, previous[j+1]+1, current[j]+1))
		}
		previous = current
	}
	return previous[len(to)]
}
