package wast

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// suite holds the official suite.
const suite = "../../../../../shared/spec"

// The commands that are skipped: those in the list and what depends on them,
// and forms that the suite has as text alone. The counts may only fall.
const (
	beyondCommands  = 4
	dependingOnThem = 18
	textForms       = 5
)

// beyond reads the list of the commands that need more than the engine has.
func beyond(t *testing.T) List {
	t.Helper()
	text, err := os.ReadFile("../../testdata/wast-beyond.txt")
	if err != nil {
		t.Fatal(err)
	}
	l, err := ParseList(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// scripts returns the scripts in folders of the official suite, and skips the
// test when it is not there.
func scripts(t *testing.T, folders ...string) []string {
	t.Helper()
	if _, err := os.Stat(suite); err != nil {
		t.Skip("the official component model suite is not at ../shared/spec")
	}
	var paths []string
	for _, f := range folders {
		paths = append(paths, filepath.Join(suite, f))
	}
	files, err := Files(paths...)
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	return files
}

// name returns how a script is called in the suite: "linking/unit".
func name(file string) string {
	rel, _ := filepath.Rel(suite, file)
	return strings.TrimSuffix(filepath.ToSlash(rel), ".json")
}

// TestConformanceWast runs the official suite but for its asynchronous part:
// every command must pass that is not in the list.
func TestConformanceWast(t *testing.T) {
	list := beyond(t)
	if len(list) > beyondCommands {
		t.Errorf("%d commands are beyond the engine, before it were %d", len(list), beyondCommands)
	}
	files := scripts(t, "values", "resources", "linking", "validation", "binary")
	reports := make([]*Report, len(files))
	t.Run("all", func(t *testing.T) {
		for i, file := range files {
			t.Run(name(file), func(t *testing.T) {
				t.Parallel()
				reports[i] = demand(t, file, list)
			})
		}
	})
	reports = slices.DeleteFunc(reports, func(r *Report) bool { return r == nil }) // its test has failed
	for _, e := range list {
		if !skips(reports, e) {
			t.Errorf("%s:%d is in the list, and is no command that is skipped", e.Script, e.Line)
		}
	}
	logFolders(t, reports)
	skipped := 0
	for _, r := range reports {
		skipped += r.Count(Skipped)
	}
	if want := beyondCommands + dependingOnThem + textForms; skipped > want {
		t.Errorf("%d commands were skipped, before it were %d", skipped, want)
	}
}

// demand runs a script, in which nothing may fail.
func demand(t *testing.T, file string, list List) *Report {
	report, err := Run(t.Context(), file, Options{Beyond: list, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range report.Results {
		if x.Outcome == Failed {
			t.Error(report.Text(x))
		}
	}
	return report
}

// skips reports whether the command of an entry was skipped for its reason.
func skips(reports []*Report, e Entry) bool {
	for _, r := range reports {
		if name(r.File) != e.Script {
			continue
		}
		for _, x := range r.Results {
			if x.Line == e.Line && x.Outcome == Skipped && strings.HasPrefix(x.Detail, e.Reason) {
				return true
			}
		}
	}
	return false
}

// logFolders logs the counts of each folder.
func logFolders(t *testing.T, reports []*Report) {
	t.Helper()
	var folder string
	var n [3]int
	flush := func() {
		if folder != "" {
			t.Logf("%-12s %4d passed %4d failed %4d skipped", folder, n[Passed], n[Failed], n[Skipped])
		}
		n = [3]int{}
	}
	for _, r := range reports {
		if f := filepath.Dir(name(r.File)); f != folder {
			flush()
			folder = f
		}
		for _, x := range r.Results {
			n[x.Outcome]++
		}
	}
	flush()
}

// TestConformanceWastAsync runs the asynchronous part of the official suite
// and says how much of it passes. All of it must come to an end.
func TestConformanceWastAsync(t *testing.T) {
	var reports []*Report
	for _, file := range scripts(t, "async") {
		report, err := Run(t.Context(), file, Options{Timeout: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		reports = append(reports, report)
	}
	logFolders(t, reports)
}
