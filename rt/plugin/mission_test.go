package plugin_test

import (
	"slices"
	"strings"
	"testing"
)

// mission are the five traps and the ten errors that a guide to plugins of
// components warns of, and the tests that hold this package to do better: by their
// folders, as complaints has them.
var mission = []struct{ id, is, tests string }{
	{"T1", "interfaces of two versions, dispatched by hand", "rt.TestVersions rt.TestVersionsConfused .TestOptionalExports"},
	{"T2", "a call first, then the lock: updates made meanwhile are lost", ".TestReloads .TestManyReloads"},
	{"T3", "a trap taken for a panic of the host", ".TestEnds rt.TestHostPanics"},
	{"T4", "an engine's reservation taken for a quota", "rt.TestFault37MemoryCap .TestHostMemory"},
	{"T5", "a module for preview 1, half run", ".TestMessages rt/plugin/internal/watch.TestCheck"},
	{"E1", "the guest's toolchain is not there: no test and no example needs one", ".TestNoCgo"},
	{"E2", "not a valid component: RT101 to RT105", ".TestMessages rt/plugin/internal/watch.TestCheck"},
	{"E3", "an incompatible version: RT201, RT202", ".TestMessages rt.TestLinkTrack rt.TestDraft"},
	{"E4", "an access out of bounds is no quota: RT302", ".TestMessages rt.TestKinds"},
	{"E5", "an unknown import, all at once and before compiling: RT203", ".TestMessages .TestTypeDiff rt.TestDraft rt.TestLinkProblems"},
	{"E6", "a stack overflow is recursion: RT303", ".TestMessages rt.TestStackLimit"},
	{"E7", "a limit of memory, and which: RT306", ".TestMessages rt.TestTrapMemoryLimits"},
	{"E8", "a future that is not Send: one slot, many goroutines", ".TestReloads rt.TestTurns"},
	{"E9", "a symbol that is not found, and where: RT205", ".TestMessages rt/internal/types.TestInvalidCore"},
	{"E10", "an execution that took too long, by work or by waiting: RT304, RT305", ".TestMessages .TestDeadlines"},
}

// TestMission has a test for each of them, that there is.
func TestMission(t *testing.T) {
	var ids []string
	for _, m := range mission {
		ids = append(ids, m.id)
		if m.tests == "" {
			t.Errorf("%s: without a test", m.id)
		}
		for test := range strings.FieldsSeq(m.tests) {
			dir, name, _ := strings.Cut(test, ".")
			if !slices.Contains(testsIn(t, dir), name) {
				t.Errorf("%s, %s: there is no %s in %q", m.id, m.is, name, dir)
			}
		}
	}
	if want := strings.Fields("T1 T2 T3 T4 T5 E1 E2 E3 E4 E5 E6 E7 E8 E9 E10"); !slices.Equal(ids, want) {
		t.Errorf("got %v", ids)
	}
}
