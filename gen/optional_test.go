package gen_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/witgen/witgen/gen"
)

// TestOptional has the names that the linker knows what is optional by.
func TestOptional(t *testing.T) {
	for _, tt := range []struct {
		name, wit     string
		exports, want []string
		wrong         string
	}{
		{name: "nothing", wit: "golden/optional/wit"},
		{
			name: "of all kinds", wit: "golden/optional/wit",
			exports: []string{"optional#status.count", "optional#reset", "extra", "handler#session.constructor", "handler#flush", "extra"},
			want: []string{
				"golden:optional/handler@0.2.1#[constructor]session", "golden:optional/handler@0.2.1#flush", "golden:optional/extra@0.2.1", "status#count", "reset",
			},
		},
		{
			name: "by names of the world", wit: "golden/named/wit", exports: []string{"named#left", "finder#find", "golden:named/named@0.1#safe.box.both"},
			want: []string{"left", "golden:named/finder@0.1.0#find", "safe#[method]box.both"},
		},
		{name: "wrong", wit: "golden/named/wit", exports: []string{"named#left", "nobody"}, wrong: "--optional-export nobody: the world exports no such interface"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := gen.Optional(loadWorld(t, tt.wit), tt.exports)
			if tt.wrong != "" {
				if _, ok := errors.AsType[gen.ErrorList](err); !ok || err.Error() != tt.wrong {
					t.Errorf("got %v, want %s", err, tt.wrong)
				}
				return
			}
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}
