package wit_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/wit"
)

func TestValidate(t *testing.T) {
	flags := make([]string, 33)
	for i := range flags {
		flags[i] = fmt.Sprintf("flag-%d", i)
	}
	tests := []struct {
		name, text string // of the world's interface, in line 2
		want       []string
	}{
		{"valid", "record r { a: u8 } flags f { a } type t = tuple<u8>; type l = list<u8, 1>; type s = stream<string>; resource x;\n" +
			"foo: func(a: borrow<x>, b: future<own<x>>); resource foo-bar { constructor(); foo: func(); }", nil},
		{"nothing in it", "record r {}\nflags f {}\nf1: func(a: tuple<>) -> option<list<u8, 0>>;", []string{
			"a.wit:2:8: record `r` has no fields, and has to have one",
			"a.wit:3:7: flags `f` are none, and there has to be one",
			"a.wit:4:1: a list of the fixed length 0, and it has to be 1 at least",
			"a.wit:4:10: a tuple without types, and it has to have one",
		}},
		{"32 flags", "flags f { " + strings.Join(flags[:32], ", ") + " }", nil},
		{"33 flags", "flags f { " + strings.Join(flags[:32], ", ") + ",\nflag-32 }", []string{
			"a.wit:3:1: flag `flag-32` is one too many: there may be 32", "a.wit:2:7: note: in these flags"}},
		{"streams", "resource r; record b { b: option<borrow<r>> } type t = b;\ntype s = stream<t>;\nf: func(a: list<future<b>>, c: stream<char>);\ntype c = char;\nvariant v { a(stream<c>) }\n" +
			"type ok = stream<stream<future>>;", []string{
			"a.wit:3:6: a stream of what has a `borrow` in it, and a borrow ends with the call",
			"a.wit:4:9: a future of what has a `borrow` in it, and a borrow ends with the call",
			"a.wit:4:29: a stream of `char`, which there are none of: take `string`s, or bytes",
			"a.wit:6:13: a stream of `char`, which there are none of: take `string`s, or bytes",
		}},
		{"case", "record r { a: u8,\nA: u8 }\nvariant v { a-b,\na-B }\nenum e { x,\nX }\nflags f { x,\nX }\ng: func(a: u8,\nA: u8);\nG: func();", []string{
			"a.wit:3:1: field `A` differs from `a` by case alone, which is not enough", "a.wit:2:12: note: the other",
			"a.wit:5:1: case `a-B` differs from `a-b` by case alone, which is not enough", "a.wit:4:13: note: the other",
			"a.wit:7:1: case `X` differs from `x` by case alone, which is not enough", "a.wit:6:10: note: the other",
			"a.wit:9:1: flag `X` differs from `x` by case alone, which is not enough", "a.wit:8:11: note: the other",
			"a.wit:11:1: parameter `A` differs from `a` by case alone, which is not enough", "a.wit:10:9: note: the other",
			"a.wit:12:1: `G` differs from `g` by case alone, which is not enough", "a.wit:10:1: note: the other",
		}},
		{"names of resources", "resource r { constructor();\nR: func(); a: func();\nA: static func(); }", []string{
			"a.wit:3:1: `[method]r.R` and `r` count as one name", "a.wit:2:10: note: the other",
			"a.wit:4:1: `[static]r.A` and `[method]r.a` count as one name", "a.wit:3:12: note: the other",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, world := range []string{"import i;", "export i;", "use i.{};", "import j;", "export k: interface { use j.{t0}; }"} {
				text := "package a:b; interface i { type t0 = u8;\n" + tt.text + "\n} interface j { use i.{t0}; } world w { " + world + " }"
				want := tt.want
				if world == "use i.{};" { // which depends on nothing
					want = nil
				}
				err := wit.Validate(one(t, text, wit.Options{}).Worlds[0])
				errs, _ := errors.AsType[wit.Errors](err)
				if got := errorLines(errs); !slices.Equal(got, want) {
					t.Errorf("%s: got\n%s\nwant\n%s", world, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
		})
	}
}

// TestValidateQuotes checks that errors show the line.
func TestValidateQuotes(t *testing.T) {
	err := wit.Validate(one(t, "package a:b;\nworld w {\n  record r {}\n}\n", wit.Options{}).Worlds[0])
	want := "a.wit:3:10: record `r` has no fields, and has to have one\n    3 |   record r {}\n      |          ^"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// TestConformanceValidate compares what is refused with what the validation of
// the encoder refuses.
func TestConformanceValidate(t *testing.T) {
	n, agreed := 0, 0
	for _, in := range corpusInputs(t) {
		name := filepath.Join(in.dir, in.path)
		p, err := wit.Load(name, wit.Options{AllFeatures: true})
		if err != nil {
			continue
		}
		_, theirs := wasmTools(t, "component", "wit", "--all-features", "-w", absolute(t, name))
		if theirs != nil && !strings.Contains(theirs.Error(), "at offset") {
			continue // it has not come to that
		}
		n++
		all := &wit.World{Package: p, Name: "all"}
		for _, i := range p.Interfaces {
			all.Imports = append(all.Imports, &wit.WorldItem{Interface: i})
		}
		errs := []error{wit.Validate(all)}
		for _, w := range p.Worlds {
			errs = append(errs, wit.Validate(w))
		}
		ours := errors.Join(errs...)
		if (ours == nil) != (theirs == nil) {
			t.Logf("%s: ours %v, theirs %v", in.path, ours, theirs)
			continue
		}
		agreed++
	}
	report(t, "validated alike", agreed, n, floorValidated)
}

const floorValidated = 167
