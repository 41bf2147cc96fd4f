package types

import (
	"strings"

	"github.com/witgen/witgen/wit"
)

// maxText is how much of a type errors show, in bytes.
const maxText = 400

// typeText returns the text of a type for errors.
func typeText(t wit.Type) string {
	if text := wit.TypeText(t); text != "" {
		return clip(text)
	}
	return "a resource without a name"
}

func funcText(f *wit.Func) string { return clip(wit.FuncText(f)) }

func clip(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText], "") + "…"
}

func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}
