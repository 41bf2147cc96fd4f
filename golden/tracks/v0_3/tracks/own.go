package tracks //nolint:revive // the generated files have the comment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"unicode/utf8"

	v01bells "github.com/witgen/witgen/golden/tracks/v0_1/bells"
	v01kinds "github.com/witgen/witgen/golden/tracks/v0_1/kinds"
	v02failures "github.com/witgen/witgen/golden/tracks/v0_2/failures"
	v02values "github.com/witgen/witgen/golden/tracks/v0_2/values"
	"github.com/witgen/witgen/golden/tracks/v0_3/failures"
	"github.com/witgen/witgen/golden/tracks/v0_3/kinds"
	"github.com/witgen/witgen/golden/tracks/v0_3/log"
	"github.com/witgen/witgen/golden/tracks/v0_3/values"
	"github.com/witgen/witgen/golden/tracks/v0_3/work"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

// downV01String is the only character of a text.
func downV01String(v string) (rune, error) {
	c, size := utf8.DecodeRuneInString(v)
	if size != len(v) || size == 0 {
		return 0, fmt.Errorf("%w 0.1.3: %q as char", rt.ErrLossy, v)
	}
	return c, nil
}

// downV01U32 is the character of a number.
func downV01U32(v uint32) (rune, error) {
	if v > utf8.MaxRune || !utf8.ValidRune(rune(v)) {
		return 0, fmt.Errorf("%w 0.1.3: %#x as char", rt.ErrLossy, v)
	}
	return rune(v), nil
}

// downV01F64 is the same number, or no number.
func downV01F64(v float64) (float32, error) {
	if n := float32(v); float64(n) == v || math.IsNaN(v) {
		return n, nil
	}
	return 0, fmt.Errorf("%w 0.1.3: %v as f32", rt.ErrLossy, v)
}

// upV01KindsEntry gives entries the level that all had in 0.1.
func upV01KindsEntry(v v01kinds.Entry) (kinds.Entry, error) {
	return kinds.Entry{Key: v.Key, Level: kinds.LevelInfo}, nil
}

// downV01KindsEntry takes entries of that level alone.
func downV01KindsEntry(v kinds.Entry) (v01kinds.Entry, error) {
	if v.Level != kinds.LevelInfo {
		return v01kinds.Entry{}, fmt.Errorf("%w 0.1.3: an entry of level %s", rt.ErrLossy, v.Level)
	}
	return v01kinds.Entry{Key: v.Key}, nil
}

// importBellsForV01 has bells ring in the log.
func importBellsForV01(imports Imports) v01bells.Bells { return bells{log: imports.Log} }

type bells struct {
	v01bells.UnimplementedBells
	log log.Log
}

func (b bells) Ring(ctx context.Context, l v01kinds.Level) (uint32, error) {
	level, err := upV01KindsLevel(l)
	if err != nil {
		return 0, err
	}
	return b.log.Log(ctx, level, "ring", cm.None[kinds.Item]())
}

// logForV01DropAll drops what the log keeps.
func logForV01DropAll(ctx context.Context, of log.Log) (uint32, error) {
	kept, err := of.Keep(ctx, cm.None[log.Sink]())
	for _, s := range kept {
		err = errors.Join(err, s.Close(ctx))
	}
	return uint32(len(kept)), err
}

// workForV01Feed reads all of a stream.
func workForV01Feed(ctx context.Context, of work.Work, n uint32) ([]byte, error) {
	s, err := of.Feed(ctx, n)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(cm.Reader(ctx, s))
}

// functionsForV01Beep says that nothing runs.
func functionsForV01Beep(ctx context.Context, of Functions) error {
	_, err := of.Say(ctx, Report{Level: kinds.LevelWarn})
	return err
}

// failuresForV02Bare gives the reason that the host does not.
func failuresForV02Bare(ctx context.Context, of failures.Failures, n uint32) (uint32, error) {
	v, err := of.Bare(ctx, n)
	if _, ok := errors.AsType[cm.Err[struct{}]](err); ok {
		return 0, cm.Err[string]{Value: "for no reason"}
	}
	return v, err
}

// failuresOfV02Bare leaves the reason out.
func failuresOfV02Bare(ctx context.Context, of v02failures.Failures, n uint32) (uint32, error) {
	v, err := of.Bare(ctx, n)
	if _, ok := errors.AsType[cm.Err[string]](err); ok {
		return 0, cm.Err[struct{}]{}
	}
	return v, err
}

// valuesForV02Asked returns what was asked for.
func valuesForV02Asked(ctx context.Context, of values.Values, n uint32) (uint32, error) {
	return n, of.Asked(ctx, n)
}

// valuesOfV02Asked leaves out what is returned.
func valuesOfV02Asked(ctx context.Context, of v02values.Values, n uint32) error {
	_, err := of.Asked(ctx, n)
	return err
}
