package wit

import (
	"cmp"
	"testing"
)

func TestCompareVersions(t *testing.T) {
	ascending := []string{
		"0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
		"1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0", "10.0.0",
	}
	for i, a := range ascending {
		for j, b := range ascending {
			got := compareVersions(a, b)
			if want := cmp.Compare(i, j); got != want {
				t.Errorf("compare %s and %s = %d, want %d", a, b, got, want)
			}
		}
	}
	if compareVersions("1.0.0+a", "1.0.0+b") != 0 {
		t.Error("build metadata counts")
	}
}
