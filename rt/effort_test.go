package rt_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
)

// TestEffort refuses components whose core modules together take too long to
// compile, whether there are many or one is linked in many ways, unless the engine
// is told to be patient.
func TestEffort(t *testing.T) {
	// Each has 5,000 blocks inside each other.
	nested := "\x00asm\x01\x00\x00\x00" + wasmSection(1, "\x60\x00\x00") + wasmSection(3, "\x00") +
		wasmSection(10, text("\x00"+strings.Repeat(block, 5000)+strings.Repeat(end, 5001)))
	many := "\x00asm\x0d\x00\x01\x00" + strings.Repeat("\x01"+text(nested), 12)

	// A module with 100 KB of data that imports a function, once for each name that
	// another module exports.
	const ways = 20
	var exports, aliases, instances []string
	for i := range ways {
		name := fmt.Sprint("f", i)
		exports = append(exports, text(name)+"\x00\x00")
		aliases = append(aliases, "\x00\x00\x01\x00"+text(name))
		instances = append(instances, "\x01\x01"+text("f")+"\x00"+uleb(i))
	}
	for i := range ways {
		instances = append(instances, "\x00\x01\x01"+text("m")+"\x12"+uleb(1+i))
	}
	provides := "\x00asm\x01\x00\x00\x00" + wasmSection(1, "\x60\x00\x00") + wasmSection(3, "\x00") + wasmSection(7, exports...) + wasmSection(10, text("\x00\x0b"))
	imports := "\x00asm\x01\x00\x00\x00" + wasmSection(1, "\x60\x00\x00") + wasmSection(2, text("m")+text("f")+"\x00\x00") +
		wasmSection(5, "\x00\x02") + wasmSection(11, "\x01"+text(strings.Repeat("x", 100_000)))
	linked := "\x00asm\x0d\x00\x01\x00\x01" + text(provides) + "\x01" + text(imports) +
		wasmSection(2, "\x00\x00\x00") + wasmSection(6, aliases...) + wasmSection(2, instances...)

	for _, tt := range []struct{ name, wasm, want string }{
		{"many modules", many, "too much to compile: branches"},
		{"linked in many ways", linked, "linked in several ways"},
	} {
		for _, effort := range []int{0, 10} {
			e, err := rt.NewEngine(t.Context(), rt.Config{Interpreter: true, Effort: effort})
			if err != nil {
				t.Fatal(err)
			}
			_, err = e.Compile(t.Context(), []byte(tt.wasm))
			switch {
			case effort > 0 && err != nil:
				t.Errorf("%s: %v", tt.name, err)
			case effort == 0 && (err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "Config.Effort")):
				t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
			}
			if err := e.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
}
