package main

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/witgen/witgen/rt"
)

// limitFlags adds the flags that bound what the guest may have and use.
func limitFlags(fs *flag.FlagSet, l *rt.Limits) {
	fs.Func("memory", "", func(s string) (err error) {
		l.Memory, err = parseBytes(s)
		return err
	})
	fs.Func("fuel", "", func(s string) (err error) {
		if l.Fuel, err = strconv.ParseUint(s, 10, 64); err != nil || l.Fuel == 0 {
			return errors.New("want a number of 1 or more")
		}
		return nil
	})
}

// parseBytes reads a number of bytes with or without a unit.
func parseBytes(s string) (int64, error) {
	number, unit := s, int64(1)
	for name, size := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30} {
		if n, ok := strings.CutSuffix(s, name); ok {
			number, unit = n, size
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n <= 0 || n > math.MaxInt64/unit {
		return 0, errors.New("want a size such as 64MiB, in bytes, KiB, MiB or GiB")
	}
	return n * unit, nil
}

// limitHint says which flag allows a guest more that was stopped by what it may
// have; it is empty for other errors.
func limitHint(err error, l rt.Limits) string {
	switch {
	case errors.Is(err, rt.ErrFuel):
		return fmt.Sprintf("a call may use %d of fuel, by --fuel", l.Fuel)
	case errors.Is(err, rt.ErrMemory) && l.Memory == 0:
		return "the component may have 1 GiB of memory; --memory allows another amount"
	case errors.Is(err, rt.ErrMemory):
		return fmt.Sprintf("the component may have %d bytes of memory, by --memory", l.Memory)
	}
	return ""
}
