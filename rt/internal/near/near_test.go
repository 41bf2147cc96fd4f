package near

import (
	"strings"
	"testing"
)

func TestName(t *testing.T) {
	known := []string{"scan", "scan-all", "get", "put", "a"}
	long := strings.Repeat("x", 65)
	for name, want := range map[string]string{
		"scan":     "scan",
		"scna":     "",
		"scam":     "scan",
		"Scan-Al":  "scan-all",
		"scan-al":  "scan-all",
		"gte":      "",
		"gett":     "get",
		"":         "",
		"b":        "",
		"ge":       "get",
		"elephant": "",
		long:       "",
	} {
		if got := Name(name, known); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
	if got := Name(long, []string{long}); got != "" {
		t.Errorf("a long name: %q", got)
	}
}
