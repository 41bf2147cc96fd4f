package main

import (
	"errors"
	"flag"
	"strings"
)

// textFlag adds a flag that is given once at most: of several, all but one
// would say something that is not done.
func textFlag(fs *flag.FlagSet, name string, to *string) {
	given := false
	fs.Func(name, "", func(s string) error {
		if given {
			return errors.New("it is given already")
		}
		*to, given = s, true
		return nil
	})
}

// listFlag adds a flag that may be given several times, for an item of a list
// each time.
func listFlag(fs *flag.FlagSet, name string, to *[]string) {
	fs.Func(name, "", func(s string) error {
		if s == "" {
			return errors.New("want an item")
		}
		*to = append(*to, s)
		return nil
	})
}

// rulesFlag adds a flag that gives items something, each once at most.
func rulesFlag(fs *flag.FlagSet, name, want string, rules map[string]string) {
	fs.Func(name, "", func(s string) error {
		item, value, ok := strings.Cut(s, "=")
		if !ok || item == "" || value == "" {
			return errors.New(want)
		}
		if before, ok := rules[item]; ok && before != value {
			return errors.New("it is " + item + "=" + before + " already")
		}
		rules[item] = value
		return nil
	})
}

// parseFlags parses flags wherever they stand and returns the other arguments.
// After "--" there are no flags.
func parseFlags(fs *flag.FlagSet, args []string) ([]string, error) {
	var others, last []string
	for i, a := range args {
		if a == "--" {
			args, last = args[:i], args[i+1:]
			break
		}
	}
	for {
		if err := fs.Parse(args); err != nil {
			return nil, flagError(fs, err)
		}
		if fs.NArg() == 0 {
			return append(others, last...), nil
		}
		others = append(others, fs.Arg(0))
		args = fs.Args()[1:]
	}
}

// flagError says what is wrong with a flag in the words and the spelling of the
// help. Package flag tells it by text alone.
func flagError(fs *flag.FlagSet, err error) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		var known []string
		fs.VisitAll(func(f *flag.Flag) { known = append(known, f.Name) })
		if near := nearest(name, known); near != "" {
			return errors.New("unknown option " + option(name) + "; did you mean " + option(near) + "?")
		}
		return errors.New("unknown option " + option(name))
	}
	if name, ok := strings.CutPrefix(text, "flag needs an argument: -"); ok {
		return errors.New(option(name) + " wants a value")
	}
	value, rest, ok := strings.Cut(strings.TrimPrefix(text, "invalid value "), " for flag -")
	if name, reason, found := strings.Cut(rest, ": "); ok && found {
		return errors.New(option(name) + " " + value + ": " + reason)
	}
	value, rest, ok = strings.Cut(strings.TrimPrefix(text, "invalid boolean value "), " for -")
	if name, _, found := strings.Cut(rest, ": "); ok && found {
		return errors.New(option(name) + " " + value + ": want no value, or true or false")
	}
	return err
}

// option returns a flag as the help has it.
func option(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// nearest returns the known name that a name is most likely meant to be; "" if
// none is near.
func nearest(name string, known []string) string {
	best, least := "", 3
	for _, k := range known {
		d := distance(name, k)
		if len(name) > 1 && strings.HasPrefix(k, name) {
			d = 1
		}
		if d < least && d < len(k) {
			best, least = k, d
		}
	}
	return best
}

// distance returns how many bytes have to be added, dropped or replaced to make
// one text of another.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
