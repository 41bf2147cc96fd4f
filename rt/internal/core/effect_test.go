package core

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/witgen/witgen/rt/internal/binary"
)

// TestEffects walks valid code: wherever a block ends there are the operands that
// it leaves.
func TestEffects(t *testing.T) {
	w := newWorld(t, wazero.NewRuntimeConfigInterpreter())
	ends := 0
	seen := map[int]bool{}
	for _, module := range validModules(t) {
		if _, err := compile(w, module); err == nil {
			ends += checkEffects(t, module, seen)
		}
	}
	if ends == 0 {
		t.Fatal("no modules: those of the examples are in the repository")
	}
	vectors := 0
	for op := range seen {
		if op>>8 == opVector {
			vectors++
		}
	}
	t.Logf("%d ends of blocks, %d instructions of which %d are of vectors", ends, len(seen), vectors)
}

// validModules are the core modules of all components there are, and those of the
// core specification's suite.
func validModules(t *testing.T) (modules [][]byte) {
	for _, pattern := range []string{
		"../../../examples/*/guests/*/*.wasm", "../../../golden/*/testdata/*.wasm", "../../../../shared/spec/*/*.wasm",
		filepath.Join(suiteRoot(t), "*", "testdata", "*.wasm"),
	} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			wasm, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if m, err := binary.DecodeModule(wasm); err == nil {
				if wasm, err = Rename(wasm, bindings(m)); err == nil {
					modules = append(modules, wasm)
				}
			}
			c, err := binary.Decode(wasm)
			if err != nil {
				continue
			}
			for _, cm := range coreModules(c) {
				plain, err := Rename(cm.Bytes, bindings(cm.Module))
				if err != nil {
					t.Fatal(err)
				}
				modules = append(modules, plain)
			}
		}
	}
	return modules
}

// checkEffects walks a module, notes its instructions and returns how many ends
// of blocks are reached.
func checkEffects(t *testing.T, module []byte, seen map[int]bool) (ends int) {
	m, err := binary.DecodeModule(module)
	if err != nil {
		t.Fatal(err)
	}
	s, ok := m.Section(binary.ModuleCode)
	sp := spacesOf(m)
	if !ok || within(module, m, &sp) != nil {
		return 0
	}
	f := &flow{cursor: at(module, s.Body, ""), sp: &sp, known: sp.funcs - len(m.Funcs)}
	bodies := f.bodies(len(m.Funcs))
	f.leaves = make([]uint8, len(bodies))
	for i, b := range bodies {
		if !f.function(i, b, m) { // settles where its instructions start
			return ends
		}
		whole := f.buf
		f.buf, f.pos = whole[:b.End], f.start
		f.begin()
		var in instr
		for len(f.frames) > 0 {
			f.instr(&in, &sp, f.locals)
			seen[in.op] = true
			fr := f.frames[len(f.frames)-1]
			if (in.op == opEnd || in.op == opElse) && f.top().now != dead {
				ends++
				if got, want := f.weight.height, fr.base+fr.arity.results; got != want {
					t.Fatalf("function %d: %d operands at the end at %#x, want %d", f.known+i, got, in.at, want)
				}
			}
			f.step(&in)
		}
		f.buf = whole
	}
	return ends
}

// suiteRoot is where the core specification's test suite is; empty if it is not
// here.
func suiteRoot(t *testing.T) string {
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/tetratelabs/wazero").Output()
	root := filepath.Join(strings.TrimSpace(string(dir)), "internal/integration_test/spectest")
	if _, statErr := os.Stat(root); err != nil || statErr != nil {
		return ""
	}
	return root
}
