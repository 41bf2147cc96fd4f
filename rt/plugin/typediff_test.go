package plugin

import (
	"strings"
	"testing"
)

// TestTypeDiff says in what types differ, and no more of them than is read.
func TestTypeDiff(t *testing.T) {
	long := strings.Repeat("list<", 100) + "u8" + strings.Repeat(">", 100)
	for _, tt := range []struct{ guest, host, want string }{
		{"func(key: string) -> u32", "func(key: list<u8>) -> u32", `param 1 "key": guest string, host list<u8>`},
		{"func(a: u8, b: tuple<u8, u8>)", "func(a: u8, b: tuple<u8, u16>)", `param 2 "b": guest tuple<u8, u8>, host tuple<u8, u16>`},
		{"func(a: record { x: u8, y: u8 }, b: u8)", "func(a: record { x: u8, y: u8 }, b: s8)", `param 2 "b": guest u8, host s8`},
		{"func(a: u8)", "func(b: u8)", `param 1: guest "a", host "b"`},
		{"func(a: u8)", "func(a: u8, b: u8)", "guest has 1 params, host 2"},
		{"func()", "func(a: u8) -> u8", "guest has 0 params, host 1"},
		{"func(a: u8)", "func(a: u8) -> u8", "result: guest none, host u8"},
		{"func() -> result<u8, string>", "func() -> result<u8>", "result: guest result<u8, string>, host result<u8>"},
		{"async func() -> u8", "func() -> u8", "guest async func() -> u8, host func() -> u8"},
		{"", "", "the guest wants another type than the host's"},
		{"func(", "func()", "guest func(, host func()"},
		{"func(a: " + long + ")", "func(a: u8)", `param 1 "a": guest ` + long[:200] + "…, host u8"},
	} {
		if got := typeDiff(tt.guest, tt.host); got != tt.want {
			t.Errorf("%s and %s: got %s, want %s", tt.guest, tt.host, got, tt.want)
		}
	}
}
