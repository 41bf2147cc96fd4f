package policy

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Size is a number of bytes, as "64MiB" in text; 0 says nothing.
type Size int64

// The units of a Size.
const (
	KiB Size = 1 << 10
	MiB Size = 1 << 20
	GiB Size = 1 << 30
	TiB Size = 1 << 40
)

var (
	units     = []string{"B", "KiB", "MiB", "GiB", "TiB"}
	sizeText  = regexp.MustCompile(`^([0-9]{1,19}(?:\.[0-9]{1,12})?) ?([a-zA-Z]*)$`)
	countText = regexp.MustCompile(`^[0-9]{1,19}(?:\.[0-9]{1,18})?(?:e[0-9]{1,2})?$`)
)

// String returns the size in the largest unit that it is a whole number of.
func (s Size) String() string { return s.format("") }

func (s Size) format(space string) string {
	unit := 0
	for s != 0 && s%1024 == 0 && unit < len(units)-1 {
		s /= 1024
		unit++
	}
	return strconv.FormatInt(int64(s), 10) + space + units[unit]
}

// MarshalText returns what String does.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a number, which may have a decimal point, and its unit: B,
// KiB, MiB, GiB or TiB.
func (s *Size) UnmarshalText(text []byte) error {
	m := sizeText.FindSubmatch(text)
	if m == nil {
		return fmt.Errorf("%s is no size: write one as in 64MiB", quote(string(text)))
	}
	number, unit := string(m[1]), string(m[2])
	power := slices.Index(units, unit)
	switch {
	case unit == "":
		return fmt.Errorf("%s has no unit: write %sB, or one as in 64MiB", number, number)
	case power < 0:
		hint := "write one as in 64MiB"
		for _, u := range units[1:] {
			if strings.EqualFold(unit[:1], u[:1]) {
				hint = "write " + number + u
			}
		}
		return fmt.Errorf("%s is no unit: %s", unit, hint)
	}
	n, err := whole(number, new(big.Int).Lsh(big.NewInt(1), uint(10*power)))
	if err != nil {
		return fmt.Errorf("%s is %w of bytes", text, err)
	}
	*s = Size(n)
	return nil
}

// Count is how many of something there may be, as "10000" or "50e6" in text; 0
// says nothing.
type Count int64

// String returns the count, with an exponent where that is easier to read.
func (c Count) String() string {
	n, exponent := c, 0
	for c >= 1e6 && n%1000 == 0 {
		n /= 1000
		exponent += 3
	}
	text := strconv.FormatInt(int64(n), 10)
	if exponent > 0 {
		text += "e" + strconv.Itoa(exponent)
	}
	return text
}

// MarshalText returns what String does.
func (c Count) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a whole number, which may have a decimal point and an
// exponent of ten.
func (c *Count) UnmarshalText(text []byte) error {
	if !countText.Match(text) {
		return fmt.Errorf("%s is no count: write one as in 10000 or 50e6", quote(string(text)))
	}
	number, exponent, _ := strings.Cut(string(text), "e")
	power, _ := strconv.Atoi(exponent) // empty is 0
	n, err := whole(number, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(power)), nil))
	if err != nil {
		return fmt.Errorf("%s is %w", text, err)
	}
	*c = Count(n)
	return nil
}

// whole returns a number in a unit, if it is a whole number that there can be.
func whole(number string, unit *big.Int) (int64, error) {
	r, ok := new(big.Rat).SetString(number)
	if !ok {
		return 0, fmt.Errorf("no number")
	}
	r.Mul(r, new(big.Rat).SetInt(unit))
	switch {
	case !r.IsInt():
		return 0, fmt.Errorf("no whole number")
	case !r.Num().IsInt64():
		return 0, fmt.Errorf("too large a number")
	}
	return r.Num().Int64(), nil
}

// Duration is how long something may take, as "250ms" in text; 0 says nothing.
type Duration time.Duration

// String returns the duration as [time.Duration] does, without parts that are 0.
func (d Duration) String() string {
	text := time.Duration(d).String()
	if rest, ok := strings.CutSuffix(text, "m0s"); ok {
		text = rest + "m"
	}
	if rest, ok := strings.CutSuffix(text, "h0m"); ok {
		text = rest + "h"
	}
	return text
}

// MarshalText returns what String does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a duration as [time.ParseDuration] does, but none below 0.
func (d *Duration) UnmarshalText(text []byte) error {
	t, err := time.ParseDuration(string(text))
	if _, numeric := strconv.ParseFloat(string(text), 64); numeric == nil && string(text) != "0" {
		return fmt.Errorf("%s has no unit: write %ss or %sms", text, text, text)
	}
	if err != nil || t < 0 || len(text) > 64 {
		return fmt.Errorf("%s is no duration: write one as in 250ms, 30s or 1h30m", quote(string(text)))
	}
	*d = Duration(t)
	return nil
}

// maxQuoted is how many bytes of a text that is wrong are in an error.
const maxQuoted = 200

// quote returns a text as Go has it, cut where it is long.
func quote(s string) string {
	if len(s) > maxQuoted {
		s = strings.ToValidUTF8(s[:maxQuoted], "") + "..."
	}
	return strconv.Quote(s)
}

// atMost returns n as an int, or the largest there is.
func atMost[T ~int64](n T) int { return int(min(int64(n), math.MaxInt)) }
