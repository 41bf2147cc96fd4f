package logging

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/wasi/draft/logging/logging"
)

// records keeps what is logged.
type records struct {
	least slog.Level
	list  []string
}

func (r *records) Enabled(_ context.Context, level slog.Level) bool { return level >= r.least }
func (r *records) WithAttrs([]slog.Attr) slog.Handler               { return r }
func (r *records) WithGroup(string) slog.Handler                    { return r }

func (r *records) Handle(ctx context.Context, x slog.Record) error {
	s := fmt.Sprintf("%v %d %s", ctx.Value(key{}), x.Level, x.Message)
	x.Attrs(func(a slog.Attr) bool { s += " " + a.String(); return true })
	r.list = append(r.list, s)
	return nil
}

type key struct{}

func TestLog(t *testing.T) {
	ctx := context.WithValue(t.Context(), key{}, "call")
	for _, test := range []struct {
		name           string
		least          slog.Level
		about, message string
		want           []string
	}{
		{"all", LevelTrace, "db", "slow", []string{
			"call -8 slow context=db", "call -4 slow context=db", "call 0 slow context=db",
			"call 4 slow context=db", "call 8 slow context=db", "call 12 slow context=db",
		}},
		{"no context", slog.LevelError, "", "x", []string{"call 8 x", "call 12 x"}},
		{"quoted", LevelCritical, "a\nb", "\x1b[2J\tx\nlevel=ERROR", []string{`call 12 \x1b[2J` + "\t" + `x\nlevel=ERROR context=a\nb`}},
		{"long", LevelCritical, strings.Repeat("c", 300), strings.Repeat("m", 20_000), []string{
			"call 12 " + strings.Repeat("m", 16<<10) + "… context=" + strings.Repeat("c", 256) + "…",
		}},
		{"none", LevelCritical + 1, "a", "b", nil},
	} {
		r := &records{least: test.least}
		l := Log{slog.New(r)}
		for level := logging.LevelTrace; level <= logging.LevelCritical; level++ {
			if err := l.Log(ctx, level, test.about, test.message); err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		if !slices.Equal(r.list, test.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, strings.Join(r.list, "\n"), strings.Join(test.want, "\n"))
		}
	}
	if err := (Log{}).Log(ctx, logging.LevelError, "a", "b"); err != nil {
		t.Errorf("without a logger: %v", err)
	}
	if err := (Log{}).Log(ctx, 6, "a", "b"); err == nil {
		t.Error("a level that does not exist is one")
	}
}
