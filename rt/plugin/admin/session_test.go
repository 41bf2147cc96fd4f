package admin

import (
	"testing"
	"time"
)

// TestSessionEnds lets sessions end when they say, and no later for having been
// changed.
func TestSessionEnds(t *testing.T) {
	s := newSession("sixteen bytes..!")
	begin := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	value := s.value(begin.Add(sessionTime))
	for _, tt := range []struct {
		after time.Duration
		good  bool
	}{{0, true}, {sessionTime - time.Second, true}, {sessionTime, false}, {1000 * time.Hour, false}} {
		s.now = func() time.Time { return begin.Add(tt.after) }
		if s.good(value) != tt.good {
			t.Errorf("after %v: good is %v", tt.after, !tt.good)
		}
	}
	s.now = func() time.Time { return begin }
	for i := range len(value) {
		for _, c := range []byte{'A', 'w'} {
			changed := []byte(value)
			if changed[i] == c {
				continue
			}
			changed[i] = c
			// The last digit has two bits that nothing is made of.
			if i < len(value)-1 && s.good(string(changed)) {
				t.Errorf("good with %q at %d", c, i)
			}
		}
	}
}

// TestClean shows text by somebody else without what changes other text.
func TestClean(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "naïve 日本語 ☂", "naïve 日本語 ☂"},
		{"empty", "", ""},
		{"lines", " a\nb\tc\r\n", "a b c"},
		{"controls", "a\x00b\x1b[31mc\u0085", "a\ufffdb\ufffd[31mc\ufffd"},
		{"order of writing", "a\u202eb\u2066c\u200fd", "a\ufffdb\ufffdc\ufffdd"},
		{"nothing to see", "a\u200bb\u2060c\ufeffd\u2800e", "a\ufffdb\ufffdc\ufffdd\ufffde"},
		{"not UTF-8", "a\xff\xfeb", "a\ufffd\ufffdb"},
		{"marks", "e\u0301\u0302\u0303\u0304x\u0301", "e\u0301\u0302x\u0301"},
		{"long", "0123456789a", "0123456789…"},
		{"as long as may be", "0123456789", "0123456789"},
		{"private", "a\ue000b", "a\ufffdb"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			most := 10
			if len(tt.in) > 11 {
				most = 100
			}
			if got := clean(tt.in, most); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
