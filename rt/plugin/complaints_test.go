package plugin_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin"
)

// complaints are what users of systems like this one, and of what they are made
// of, found wrong with them, and the tests that hold this one to do better: by
// their folders below rt, or "/" and that from the root, and "." for this one's.
// The last rows are traps and errors that guides to plugin systems warn of.
var complaints = []struct{ complaint, tests string }{
	// Guests that do not end.
	{"wazero, containerd's nri: an endless loop outlives its deadline, unless somebody asked for it not to", ".TestDeadlines rt.TestFault35Interruption"},
	{"wazero: calls inside calls outlive it, as loops alone are looked at", ".TestDeadlines rt/internal/core.TestInterrupt"},
	{"wazero: what stops guests makes loops tens of times slower", "rt.BenchmarkChecked"},
	{"extism: the deadline holds for the first call of an instance only", ".TestDeadlineOfLaterCall"},
	{"extism: the end of the context that a plugin was loaded with ends its calls", ".TestLoadContext"},
	{"extism: a caller's deadline does nothing unless the plugin has one as well", ".TestDeadlines"},
	{"spin: a call that computes goes on when its client is gone, or has none", ".TestDeadlines"},
	{"freeunit, opa: a guest in a host function is not released at its deadline", ".TestEnds .TestDeadlines"},
	{"opa: the time for which a call waits for its turn is charged to it", ".TestQueueTimeIsFree"},
	{"wamr: a start function without an end hangs its host", ".TestStartsWithoutEnd rt.TestInterruptedStart"},
	{"wasmtime: the error comes long after the deadline", ".TestStopsAtOnce"},
	{"containerd: one late call disables the plugin", ".TestLateOnce"},
	{"nri: two plugins of a host have one deadline", ".TestTwoDeadlines"},
	{"gateway-api-inference-extension: after a timeout the call goes on behind the scenes", ".TestNothingAfterDeadline"},

	// Failures.
	{"nri: work goes on without a plugin that it needs", ".TestUnavailable"},
	{"envoy: after a trap no call works, or the host decides alone what that means", ".TestEnds .TestBatch .TestUnavailable"},
	{"python-pdk, js-pdk of extism: a trap says $10486, and not what the guest said", "rt.TestFramesOfGuests rt.TestTrapStderr rt/wasi.TestTrap"},
	{"spin: a call beyond the maximum has an internal error of the pool", ".TestMessages rt/plugin/internal/pool.TestLine"},
	{"grpc-federation: calls that wait cannot be cancelled, until memory is used up", ".TestWaiters rt/plugin/internal/pool.TestLeave"},

	// What is left behind.
	{"traefik, envoy: each reload leaves memory behind", ".TestManyReloads .TestReloads"},
	{"extism, wasmer: each instance leaves memory behind", ".TestManyInstances rt.TestSoak rt.TestInstancesComeAndGo"},
	{"knqyf263's go-plugin: a guest that never frees runs out of memory", ".TestHighWater"},
	{"trivy, knqyf263's go-plugin: what the host has the guest allocate is never freed, or twice", ".TestBalance rt.TestFault16PostReturn rt.TestFault17Arguments"},
	{"wasmCloud: plugins within their limits take more than the machine has", ".TestHostMemory rt.TestBudget"},
	{"spin: the limit is one of each memory", "rt.TestFault37MemoryCap rt.TestDeclaredMemory"},
	{"wasmtime: a limit below what a plugin declares is found when it runs", ".TestMessages"},

	// Concurrency and state.
	{"extism: goroutines that share a plugin race", ".TestReloads rt.TestTurns"},
	{"traefik: instances share descriptors, sockets or random numbers", "rt.TestResourceOfAnotherInstance rt/wasi.TestOnce rt/wasi.TestImportsTwice"},
	{"traefik: nobody knows which of its states a plugin keeps", ".TestReuse"},

	// Reloads.
	{"extism, hashicorp's go-plugin: what callers hold serves old code after the file has changed", ".TestWatch"},
	{"envoy: another environment is not noticed, and a touched file is", ".TestIdentity .TestTouchedFile"},
	{"zed: a half-written file ends the host", ".TestCut .TestWatch rt/plugin/internal/watch.TestReadCut rt/plugin/internal/watch.TestCutEverywhere"},
	{"extism: a damaged file ends the host", ".TestFlipped rt.FuzzComponent"},
	{"fsnotify, thanos: a file that is replaced is not watched any more, or loaded twice", "rt/plugin/internal/watch.TestEvents rt/plugin/internal/watch.TestPolls"},
	{"viper, configmap-reload: links that are swapped are not seen", "rt/plugin/internal/watch.TestEvents rt/plugin/internal/watch.TestWatchedDirectories"},
	{"CLIProxyAPI: two versions cannot hold what only one may", ".TestQuiesce"},
	{"wazero: code is freed below a call", ".TestClosesUnderNoCall .TestDrain rt.TestCloseEngineUnderLoad"},
	{"wazero: of two modules of the same bytes, closing one ends the other", "rt.TestShared"},

	// Compiled code that is kept.
	{"holochain-wasmer, wazero: a damaged entry of the cache keeps a plugin from being loaded", "rt.TestCacheDamage rt.TestCacheEntryDamage rt.TestCacheUnwritable"},
	{"wasmtime: files of the cache that are replaced change what runs", "rt.TestCacheRemoved rt.TestCacheProcesses"},
	{"yoke, extism, spin: each start, or the first call, compiles everything", ".TestSecondStart"},

	// Messages.
	{"swc: a mismatch names no interface, no function and no type", ".TestMessages rt.TestLinkProblems"},
	{"moon: an error is not text", ".TestFlipped rt.TestHostileNames"},
	{"zed: nobody says which version of the host a plugin needs", ".TestMessages rt.TestLinkTrack"},
	{"wasmtime: a component without an export that is not always needed cannot be used", ".TestOptionalExports .TestNotExported rt.TestLinkOptional"},
	{"wasmtime: one plugin's export cannot serve another's import", "rt.TestResourceBetweenInstances rt.TestChain"},
	{"js-pdk of extism: what the host lacks is not said, nor how to have it", ".TestMessages rt.TestLinkBeside"},
	{"helm: components need a program beside Go, or cgo", ".TestNoCgo"},

	// Traps of guides.
	{"interfaces of two versions need dispatch by hand", "rt.TestVersions rt.TestVersionsConfused"},
	{"a call that is made before a lock is taken loses what happened meanwhile", ".TestReloads .TestManyReloads"},
	{"a trap is taken for a panic of the host, which it is not", ".TestEnds rt.TestHostPanics"},
	{"what an engine reserves is taken for a limit", "rt.TestFault37MemoryCap"},
	{"a module for preview 1 of WASI is half run", ".TestMessages"},

	// Errors of guides.
	{"not a valid component", ".TestMessages rt/plugin/internal/watch.TestCheck"},
	{"an incompatible version of the contract", ".TestMessages rt.TestLinkTrack rt.TestFault32Versions"},
	{"an access out of bounds, which is no matter of quotas", ".TestMessages rt.TestKinds"},
	{"an unknown import, and then the next one", ".TestMessages rt.TestLinkProblems"},
	{"a stack overflow, where a larger stack does not help", ".TestMessages rt.TestStackLimit"},
	{"a limit of memory, but which", ".TestMessages rt.TestTrapMemoryLimits"},
	{"a symbol that is not found, but where", ".TestMessages rt/internal/types.TestInvalidCore"},
	{"an execution that took too long: it worked, or it waited", ".TestMessages"},
}

// TestComplaints has a test for each complaint, that there is.
func TestComplaints(t *testing.T) {
	tests := make(map[string][]string) // by folder
	seen := make(map[string]bool)
	for _, c := range complaints {
		if seen[c.complaint] || c.tests == "" {
			t.Errorf("%s: twice, or without a test", c.complaint)
		}
		seen[c.complaint] = true
		for test := range strings.FieldsSeq(c.tests) {
			dir, name, _ := strings.Cut(test, ".")
			if tests[dir] == nil {
				tests[dir] = testsIn(t, dir)
			}
			if !slices.Contains(tests[dir], name) {
				t.Errorf("%s: there is no %s in %q", c.complaint, name, dir)
			}
		}
	}
}

// testsIn returns the tests of a folder, as the table has it.
func testsIn(t *testing.T, dir string) (tests []string) {
	t.Helper()
	if dir == "" {
		dir = "rt/plugin"
	}
	files, err := filepath.Glob(filepath.Join("../..", dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if ok && f.Recv == nil && (strings.HasPrefix(f.Name.Name, "Test") || strings.HasPrefix(f.Name.Name, "Fuzz") || strings.HasPrefix(f.Name.Name, "Benchmark")) {
				tests = append(tests, f.Name.Name)
			}
		}
	}
	return tests
}

// TestNotExported asks a plugin by name for a function that it does not have: it
// is loaded, the answer says so, and it serves all others.
func TestNotExported(t *testing.T) {
	s := addRaw(t, newHost(t), "data", various(), nil, nil)
	for range 10 {
		_, err := call(t.Context(), s, "farewell", 0)
		if !errors.Is(err, rt.ErrNotExported) || !strings.Contains(err.Error(), `"farewell"`) {
			t.Errorf("got %v", err)
		}
	}
	if m, err := call(t.Context(), s, "count", 0); err != nil || m != 1 {
		t.Errorf("%d, %v", m, err)
	}
	if st := s.Status().Stable; st.Pool.Started != 1 || st.Outcomes[plugin.GuestError] != 10 || s.Ready() != nil {
		t.Errorf("%+v", st)
	}
}

// TestNoCgo builds the example of plugins out of Go alone.
func TestNoCgo(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f",
		"{{if not .Standard}}{{.ImportPath}} {{len .CgoFiles}} {{len .CFiles}}{{end}}", "../../examples/plugins", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("the list of packages cannot be had: %v: %s", err, out)
	}
	n := 0
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		if len(f) != 3 {
			continue
		}
		if n++; f[1] != "0" || f[2] != "0" {
			t.Errorf("%s has C", f[0])
		}
	}
	if n < 10 {
		t.Errorf("%d packages: %s", n, out)
	}
}
