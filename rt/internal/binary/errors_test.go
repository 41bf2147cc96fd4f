package binary

import (
	"errors"
	"strings"
	"testing"
)

// TestDecodeErrors breaks one rule of the grammar at a time.
func TestDecodeErrors(t *testing.T) {
	deep := component()
	for range 100 {
		deep = component(sec(4, deep))
	}
	tests := []struct{ name, in, want string }{
		{"preamble cut", "\x00asm\x0d\x00", "at 0x6: unexpected end"},
		{"magic cut", "\x00as", "at 0x3: unexpected end"},
		{"version", "\x00asm\x0e\x00\x01\x00", "at 0x4: unknown version 0e 00 01 00 of a component, this is 0d 00 01 00"},
		{"section id", component(sec(13, "")), "at 0x8: unknown section id 13"},
		{"section cut", component("\x07\x05\x01"), "at 0xb: unexpected end in section type (7)"},
		{"section header cut", component("\x07\x80"), "at 0xa: unexpected end in section type (7)"},
		{"section too small", component("\x07\x01\x01\x7f"), "at 0xb: unexpected end in section type (7)"},
		{"section too large", component("\x07\x03\x01\x7f\x7f"), "at 0xc: 1 bytes left over in section type (7)"},
		{"size over 32 bits", component("\x07\x81\x80\x80\x80\x10\x00"), "at 0x9: integer does not fit 32 bits in section type (7)"},
		{"size of 6 bytes", component("\x07\x81\x80\x80\x80\x80\x00\x00"), "at 0x9: integer of more than 5 bytes in section type (7)"},
		{"count beyond the section", component(sec(7, "\xff\xff\x03")), "at 0xd: unexpected end in section type (7)"},
		{"custom name", component(sec(0, "\x03ab")), "at 0xd: unexpected end in section custom (0)"},
		{"custom name encoding", component(sec(0, "\x02\xc0\x80")), "at 0xa: name is not UTF-8 in section custom (0)"},
		{"module in a component section", component(sec(4, emptyModule)),
			"at 0xa: not a component: core module (layer 0) in section component (4)"},
		{"component in a module section", component(sec(1, component())),
			"at 0xa: not a core module: component (layer 1) in section core module (1)"},
		{"nested garbage", component(sec(4, "garbage!")), "at 0xa: not a component: starts with 67 61 72 62 in section component (4)"},
		{"nested section cut", component(sec(4, component("\x07\x09"))), "at 0x14: unexpected end in section type (7)"},
		{"core module out of order", component(sec(1, emptyModule+sec(7, "\x00")+sec(1, "\x00"))),
			"at 0x15: section out of order in section type (1) of a core module"},
		{"core instance kind", component(sec(2, vecOf("\x02\x00"))), "at 0xb: unknown kind 0x02 of core instance in section core instance (2)"},
		{"core argument sort", component(sec(2, vecOf("\x00\x00"+vecOf("\x01a\x00\x00")))),
			"at 0x10: sort of a core instantiation argument is 0x00, not 0x12 in section core instance (2)"},
		{"core export sort", component(sec(2, vecOf("\x01"+vecOf("\x01a\x05\x00")))), "at 0xf: unknown core sort 0x05 in section core instance (2)"},
		{"core type", component(sec(3, vecOf("\x61"))), "at 0xb: unknown core type 0x61 in section core type (3)"},
		{"core subtype prefix", component(sec(3, vecOf("\x00\x60\x00\x00"))),
			"at 0xc: core type 0x00 is followed by 0x60, not 0x50 in section core type (3)"},
		{"core value type", component(sec(3, vecOf("\x60\x01\x7a\x00"))), "at 0xd: unknown core value type 0x7a in section core type (3)"},
		{"heap type", component(sec(3, vecOf("\x60\x01\x63\x7f\x00"))), "at 0xe: unknown heap type -1 in section core type (3)"},
		{"core declaration", component(sec(3, vecOf("\x50\x01\x04"))), "at 0xd: unknown kind 0x04 of core module declaration in section core type (3)"},
		{"core alias sort", component(sec(3, vecOf("\x50\x01\x02\x00\x01\x00\x00"))), "at 0xe: sort of a core alias is 0x00, not 0x10 in section core type (3)"},
		{"core alias kind", component(sec(3, vecOf("\x50\x01\x02\x10\x00\x00\x00"))), "at 0xf: kind of a core alias is 0x00, not 0x01 in section core type (3)"},
		{"limits", component(sec(3, vecOf("\x50\x01\x03\x00\x02\x08\x00"))), "at 0x10: unknown limits 0x08 in section core type (3)"},
		{"shared table", component(sec(3, vecOf("\x50\x01\x03\x00\x01\x70\x03\x00\x00"))), "at 0x11: unknown limits 0x03 in section core type (3)"},
		{"table of numbers", component(sec(3, vecOf("\x50\x01\x03\x00\x01\x7f\x00\x00"))),
			"at 0x10: table of 0x7f, which is no reference type in section core type (3)"},
		{"mutability", component(sec(3, vecOf("\x50\x01\x03\x00\x03\x7f\x02"))), "at 0x11: invalid mutability 0x02 in section core type (3)"},
		{"tag attribute", component(sec(3, vecOf("\x50\x01\x03\x00\x04\x01\x00"))), "at 0x10: attribute of a tag is 0x01, not 0x00 in section core type (3)"},
		{"instance kind", component(sec(5, vecOf("\x02"))), "at 0xb: unknown kind 0x02 of instance in section instance (5)"},
		{"alias kind", component(sec(6, vecOf("\x03\x03\x00\x00"))), "at 0xc: unknown kind 0x03 of alias in section alias (6)"},
		{"alias sort", component(sec(6, vecOf("\x06\x02\x00\x00"))), "at 0xb: unknown sort 0x06 in section alias (6)"},
		{"alias core sort", component(sec(6, vecOf("\x00\x13\x02\x00\x00"))), "at 0xc: unknown core sort 0x13 in section alias (6)"},
		{"outer alias of a func", component(sec(6, vecOf("\x01\x02\x00\x00"))), "at 0xb: outer alias of sort func in section alias (6)"},
		{"outer alias of a core func", component(sec(6, vecOf("\x00\x00\x02\x00\x00"))), "at 0xb: outer alias of sort core func in section alias (6)"},
		{"type", component(sec(7, vecOf("\x62"))), "at 0xb: unknown type 0x62 in section type (7)"},
		{"value type", component(sec(7, vecOf("\x70\x40"))), "at 0xc: unknown value type 0x40 in section type (7)"},
		{"negative index", component(sec(7, vecOf("\x70\x80\x7f"))), "at 0xc: negative type index -128 in section type (7)"},
		{"index over 32 bits", component(sec(7, vecOf("\x70\x80\x80\x80\x80\x20"))), "at 0xc: integer does not fit 33 bits in section type (7)"},
		{"case end", component(sec(7, vecOf("\x71"+vecOf("\x01c\x00\x01")))), "at 0x10: end of a case is 0x01, not 0x00 in section type (7)"},
		{"payload", component(sec(7, vecOf("\x6a\x02\x00"))), "at 0xc: invalid presence of a type 0x02 in section type (7)"},
		{"result list", component(sec(7, vecOf("\x40\x00\x02\x00"))), "at 0xd: unknown kind 0x02 of result list in section type (7)"},
		{"named results", component(sec(7, vecOf("\x40\x00\x01\x01"))), "at 0xe: number of named results is 0x01, not 0x00 in section type (7)"},
		{"declaration", component(sec(7, vecOf("\x41\x01\x05"))), "at 0xd: unknown kind 0x05 of declaration in a component type in section type (7)"},
		{"import in an instance type", component(sec(7, vecOf("\x42\x01\x03\x00\x01a\x03\x01"))),
			"at 0xd: unknown kind 0x03 of declaration in an instance type in section type (7)"},
		{"canon", component(sec(8, vecOf("\x07"))), "at 0xb: unknown canonical definition 0x07 in section canon (8)"},
		{"lift sort", component(sec(8, vecOf("\x00\x01\x00\x00\x00"))), "at 0xc: sort of what is lifted is 0x01, not 0x00 in section canon (8)"},
		{"lower sort", component(sec(8, vecOf("\x01\x01\x00\x00"))), "at 0xc: sort of what is lowered is 0x01, not 0x00 in section canon (8)"},
		{"canon option", component(sec(8, vecOf("\x01\x00\x00\x01\x0a"))), "at 0xf: unknown canonical option 0x0a in section canon (8)"},
		{"11 options", component(sec(8, vecOf("\x01\x00\x00"+vecOf(strings.Split(strings.Repeat("\x00", 10), "")...)+"\x00"))),
			"at 0x19: 1 bytes left over in section canon (8)"},
		{"too many options", component(sec(8, vecOf("\x01\x00\x00\x0b"+strings.Repeat("\x00", 11)))), "at 0xe: 11 canonical options, limit 10 in section canon (8)"},
		{"cancellable", component(sec(8, vecOf("\x0c\x02"))), "at 0xc: invalid cancellable 0x02 in section canon (8)"},
		{"name form", component(sec(10, vecOf("\x03\x01a\x01\x00"))), "at 0xb: unknown form 0x03 of name in section import (10)"},
		{"attribute", component(sec(10, vecOf("\x02\x01a\x01\x03\x01x\x01\x00"))), "at 0xf: unknown attribute 0x03 of name in section import (10)"},
		{"extern kind", component(sec(10, vecOf("\x00\x01x\x06\x00"))), "at 0xe: unknown kind 0x06 of extern type in section import (10)"},
		{"extern core kind", component(sec(10, vecOf("\x00\x01x\x00\x00\x00"))), "at 0xf: core sort of an extern type is 0x00, not 0x11 in section import (10)"},
		{"type bound", component(sec(10, vecOf("\x00\x01x\x03\x02"))), "at 0xf: invalid type bound 0x02 in section import (10)"},
		{"ascription", component(sec(11, vecOf("\x00\x01x\x01\x00\x02"))), "at 0x10: invalid presence of an ascribed type 0x02 in section export (11)"},
		{"two starts", component(sec(9, "\x00\x00\x00\x00\x00\x00")), "at 0xd: 3 bytes left over in section start (9)"},
		{"value cut", component(sec(12, vecOf("\x7d\x02\x00"))), "at 0xe: unexpected end in section value (12)"},
		{"101 components deep", deep, "at 0x440: nesting deeper than 100 in section component (4)"},
		{"a component and 100 types deep", component(sec(7, vecOf(strings.Repeat("\x42\x01\x01", 100)+"\x7f"))), "at 0x136: nesting deeper than 100 in section type (7)"},
		{"a component and 100 core types deep", component(sec(3, vecOf(strings.Repeat("\x50\x01\x01", 100)+"\x60\x00\x00"))),
			"at 0x135: nesting deeper than 100 in section core type (3)"},
		{"too many modules", component(strings.Repeat(sec(1, emptyModule), 1001)), "at 0x2722: more than 1000 core modules in section core module (1)"},
		{"too many nodes", component(sec(7, uleb(1_000_000)+strings.Repeat("\x7f", 1_000_000))),
			"at 0xf424f: more than 1000000 definitions and their parts in section type (7)"},
		{"long name", component(sec(0, sized(strings.Repeat("n", 100_001)))), "at 0xc: name of 100001 bytes, limit 100000 in section custom (0)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Decode([]byte(tt.in))
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Errorf("got a %T, want an *Error", err)
			}
		})
	}
}

// TestTruncated cuts a file at every length: the error says so, unless the
// cut falls between sections.
func TestTruncated(t *testing.T) {
	whole := component(sec(7, vecOf("\x72"+vecOf("\x01a\x7f"))), sec(1, emptyModule))
	between := map[int]bool{len(preambleBytes): true, len(preambleBytes) + 8: true}
	for n := 1; n < len(whole); n++ {
		_, err := Decode([]byte(whole[:n]))
		if between[n] {
			if err != nil {
				t.Errorf("%d bytes: %v", n, err)
			}
			continue
		}
		e, ok := errors.AsType[*Error](err)
		if !ok || !e.Truncated || e.Offset != n {
			t.Errorf("%d bytes: got %v, want truncation at %#x", n, err, n)
		}
	}
	// A section that contradicts itself is no truncated file.
	_, err := Decode([]byte(component("\x07\x01\x01\x7f")))
	if e, ok := errors.AsType[*Error](err); !ok || e.Truncated {
		t.Errorf("got %v as truncated", err)
	}
}

func TestNotComponent(t *testing.T) {
	imports := sec(1, "\x01\x60\x00\x00") + sec(2, vecOf(
		"\x03env\x01f\x00\x00", sized(Preview1)+"\x08fd_write\x00\x00", "\x03env\x01g\x00\x00"))
	tests := []struct {
		name, in, want string
		module, wasi   bool
	}{
		{"empty", "", "not wasm: empty input", false, false},
		{"ELF", "\x7fELF\x02\x01\x01", "not wasm: starts with 7f 45 4c 46", false, false},
		{"short", "PK", "not wasm: starts with 50 4b", false, false},
		{"core module", emptyModule, "not a component: core module (layer 0), imports nothing", true, false},
		{"core module for WASI", emptyModule + imports, "not a component: core module (layer 0), imports wasi_snapshot_preview1", true, true},
		{"core module with imports", emptyModule + sec(2, vecOf("\x01a\x01m\x02\x00\x00", "\x01b\x01m\x02\x00\x00", "\x01a\x01n\x02\x00\x00", "\x01c\x00\x02\x00\x00", "\x01d\x00\x02\x00\x00")),
			`not a component: core module (layer 0), imports "a", "b", "c" and 1 more`, true, false},
		{"broken core module", emptyModule + "\x01\xff", "not a component: core module (layer 0), imports nothing", true, false},
	}
	for _, tt := range tests {
		_, err := Decode([]byte(tt.in))
		e, ok := errors.AsType[*NotComponentError](err)
		if !ok || e.Error() != tt.want || e.Module != tt.module || e.ImportsPreview1() != tt.wasi {
			t.Errorf("%s: got %#v, %v\nwant %s", tt.name, err, err, tt.want)
		}
	}
}
