package wit_test

import (
	"testing"

	"github.com/witgen/witgen/wit"
)

func TestTrack(t *testing.T) {
	tests := []struct{ in, track, inTrack string }{
		{"1.1.2", "1", "a:b/c@1"},
		{"0.1.0", "0.1", "a:b/c@0.1"},
		{"0.2.6", "0.2", "a:b/c@0.2"},
		{"0.2.6+build.5", "0.2", "a:b/c@0.2"},
		{"10.20.30", "10", "a:b/c@10"},
		{"0.0.1", "", "a:b/c@0.0.1"},
		{"0.2.6-rc.1", "", "a:b/c@0.2.6-rc.1"},
		{"1.0.0-rc", "", "a:b/c@1.0.0-rc"},
		{"0.0.1+build-5", "", "a:b/c@0.0.1"},
		{"0.2.6-rc.1+build.5", "", "a:b/c@0.2.6-rc.1"},
	}
	for _, test := range tests {
		if got := wit.Track(test.in); got != test.track {
			t.Errorf("Track(%q) = %q, want %q", test.in, got, test.track)
		}
		if got := wit.InTrack("a:b/c@" + test.in); got != test.inTrack {
			t.Errorf("InTrack of %q = %q, want %q", test.in, got, test.inTrack)
		}
	}
	if got := wit.InTrack("a:b/c"); got != "a:b/c" {
		t.Errorf("InTrack without a version = %q", got)
	}
}
