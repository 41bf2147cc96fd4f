package told

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"for guests", Error("no quota"), "no quota"},
		{"wrapped", fmt.Errorf("open /srv/db: %w", Error("no quota")), "no quota"},
		{"the host's", errors.New("open /srv/db: permission denied"), "failed"},
		{"long", Error(strings.Repeat("x", 2000)), strings.Repeat("x", 1024) + "…"},
	} {
		if got := Text(test.err, "failed"); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestClip(t *testing.T) {
	for _, test := range []struct {
		text string
		most int
		want string
	}{
		{"", 0, ""},
		{"ab", 2, "ab"},
		{"abc", 2, "ab…"},
		{"aé", 2, "a…"},
		{"é", 1, "…"},
	} {
		if got := Clip(test.text, test.most); got != test.want {
			t.Errorf("%q, %d: got %q, want %q", test.text, test.most, got, test.want)
		}
	}
}

func TestEnded(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	if err := Ended(ctx); err != nil {
		t.Error(err)
	}
	why := errors.New("why")
	cancel(why)
	if err := Ended(ctx); !errors.Is(err, why) {
		t.Errorf("got %v, want %v", err, why)
	}
}
