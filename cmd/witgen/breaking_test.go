package main

import (
	"flag"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/cmd/witgen/internal/config"
	"github.com/witgen/witgen/internal/findings"
	"github.com/witgen/witgen/wit/compat"
	"github.com/witgen/witgen/wit/lint"
)

// TestBreakingHelp compares the options of breaking with its help, and the keys
// of the file with both.
func TestBreakingHelp(t *testing.T) {
	var flags, helped []string
	new(breakingFlags).flagSet().VisitAll(func(f *flag.Flag) { flags = append(flags, option(f.Name)) })
	for _, m := range regexp.MustCompile(`(?m)^  (--?[a-z-]+)(?: [A-Z]+)? {2,}`).FindAllStringSubmatch(breakingHelp, -1) {
		helped = append(helped, m[1])
	}
	slices.Sort(flags)
	slices.Sort(helped)
	if !slices.Equal(flags, helped) {
		t.Errorf("the options are %q, in the help are %q", flags, helped)
	}
	_, text, _ := strings.Cut(breakingHelp, "  breaking:\n")
	text, _, _ = strings.Cut(text, "\n\n")
	name := t.TempDir() + "/" + config.Name
	put(t, name, []byte("breaking:\n"+text+"\n"))
	f, err := config.Load(name)
	if err != nil {
		t.Fatalf("the help shows what is not read: %v", err)
	}
	if len(f.Breaking.Ignore) != 1 || checkBreaking(f.Breaking) != nil {
		t.Errorf("got %+v", f.Breaking)
	}
	put(t, name, []byte("breaking: {x: y}\n"))
	_, err = config.Load(name)
	_, list, _ := strings.Cut(err.Error(), "only ")
	for key := range strings.SplitSeq(list, ", ") {
		if !strings.Contains(text, "    "+key+":") {
			t.Errorf("the help does not show the key %s", key)
		}
	}
}

func TestSeverity(t *testing.T) {
	find := func(rule string, c compat.Category, s compat.Severity, silent bool) compat.Finding {
		return compat.Finding{Rule: rule, Category: c, Severity: s, Silent: silent}
	}
	guests := find("FUNC_NO_DELETE", compat.Guests, compat.Error, false)
	hosts := find("FUNC_NO_DELETE", compat.Hosts, compat.Warning, false)
	silent := find("ENUM_SAME_CASES", compat.Hosts, compat.Error, true)
	order := find("FUNC_SAME_PARAM_ORDER", compat.Names, compat.Error, true)
	names := find("FUNC_SAME_PARAM_NAMES", compat.Names, compat.Error, true)
	info := find("TYPE_ADDED", compat.Guests, compat.Info, false)
	optional := find("FUNC_ADDED_EXPORT", compat.Guests, compat.Info, false)
	all := []compat.Finding{guests, hosts, silent, order, names, info, optional}
	const e, w, i = compat.Error, compat.Warning, compat.Info
	for _, tt := range []struct {
		use  []string
		want []compat.Severity
	}{
		{nil, []compat.Severity{e, w, e, e, e, i, i}},
		{[]string{"GUESTS", "GO"}, []compat.Severity{e, w, e, e, e, i, i}},
		{[]string{"HOSTS"}, []compat.Severity{w, e, e, e, e, i, i}},
		{[]string{"GO"}, []compat.Severity{w, w, e, e, e, i, i}},
		{[]string{"FUNC_NO_DELETE", "TYPE_ADDED", "FUNC_SAME_PARAM_NAMES", "FUNC_ADDED_EXPORT"}, []compat.Severity{e, e, e, e, e, e, i}},
	} {
		f := &breakingFlags{use: tt.use}
		var got []compat.Severity
		for _, x := range f.keep(all, false) {
			got = append(got, x.Severity)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %q, want %q", tt.use, got, tt.want)
		}
	}
}

func TestSameTrack(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"0.2.0", "0.2.9", true},
		{"0.2.0", "0.3.0", false},
		{"1.0.0", "1.9.0", true},
		{"0.0.1", "0.0.2", false},
		{"0.0.1+a", "0.0.1+b", true},
		{"1.0.0-rc.1+a", "1.0.0-rc.1", true},
		{"1.0.0-rc.1", "1.0.0", false},
		{"", "", true},
		{"", "0.2.0", false},
	} {
		if got := sameTrack(tt.a, tt.b); got != tt.want {
			t.Errorf("%q and %q: got %v", tt.a, tt.b, got)
		}
	}
}

func TestIgnored(t *testing.T) {
	for _, tt := range []struct {
		item, whole string
		want        bool
	}{
		{"acme:kv/debug", "acme:kv/debug", true},
		{"acme:kv/debug#dump", "acme:kv/debug", true},
		{"acme:kv/types#entry.key", "acme:kv/types#entry", true},
		{"acme:kv/debug#dump", "acme:kv", true},
		{"acme:kv/debugger", "acme:kv/debug", false},
		{"acme:kv/debug", "acme:kv/debug#dump", false},
		{"acme:kv2/debug", "acme:kv", false},
	} {
		if got := within(tt.item, tt.whole); got != tt.want {
			t.Errorf("%s within %s: got %v", tt.item, tt.whole, got)
		}
	}
	until := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	for at, want := range map[string]bool{"2026-12-31T00:00:00Z": false, "2027-01-01T23:59:00-12:00": false, "2027-01-02T12:01:00Z": true, "2028-01-01T00:00:00Z": true} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := expired(until, now); got != want {
			t.Errorf("at %s: got %v", at, got)
		}
	}
}

// TestRules looks at all that there is to say of each rule.
func TestRules(t *testing.T) {
	seen := make(map[string]bool)
	for _, c := range categories() {
		if !strings.Contains(rulesHelp, "\n  "+c+" ") || unknownRule(c, true) != nil || unknownRule(c, false) == nil {
			t.Errorf("the category %s is not explained, or a rule", c)
		}
	}
	for _, r := range allRules() {
		if seen[r.ID] {
			t.Errorf("%s is there twice", r.ID)
		}
		seen[r.ID] = true
		text, err := explanation(r.ID)
		if err != nil {
			t.Error(err)
		}
		for _, part := range []string{r.ID, "\n\nbefore:\n", "\nafter:\n", "\nfix: "} {
			if !strings.Contains(text, part) {
				t.Errorf("%s is explained without %q:\n%s", r.ID, part, text)
			}
		}
		if r.Summary == "" || r.Why == "" || severityText(r) == "" {
			t.Errorf("nothing is said of %s", r.ID)
		}
	}
	for _, rule := range []lint.Rule{
		lint.PackageUnversioned, lint.SinceMissing, lint.EnumNearLimit, lint.FlagsNearLimit, lint.ResultNoError, lint.ParamsSpill, lint.ComponentInvalid, lint.GoName,
	} {
		i := slices.IndexFunc(lintRules, func(r findings.Rule) bool { return r.ID == string(rule) && r.Summary != "" })
		if i < 0 || seen[string(rule)] {
			t.Errorf("%s is not described, or two things", rule)
			continue
		}
		if words := strings.Join(strings.Fields(lintHelp), " "); !strings.Contains(words, string(rule)+" "+lintRules[i].Summary) {
			t.Errorf("help does not say of %s: %s", rule, lintRules[i].Summary)
		}
	}
}

// TestBreakingEncoded compares WIT packages in their binary form with
// themselves and with one another.
func TestBreakingEncoded(t *testing.T) {
	names, err := filepath.Glob("../../wit/testdata/encoded/*.wasm")
	if err != nil || len(names) < 3 {
		t.Fatal("no packages", err)
	}
	for _, name := range names {
		var out, wrong strings.Builder
		code := run([]string{"breaking", "--config", "none", name, "--against", name}, &out, &wrong)
		if several := strings.Contains(wrong.String(), "--world"); code != exitOK && !several || out.Len() > 0 {
			t.Errorf("%s: exit code %d\n%s%s", name, code, &out, &wrong)
		}
	}
	// Their positions are in text that is in no file.
	var out, wrong strings.Builder
	if code := run([]string{"breaking", "--config", "none", names[1], "--against", names[2]}, &out, &wrong); code != exitDiffer {
		t.Errorf("exit code %d: %s", code, &wrong)
	}
	for _, text := range []string{names[1] + ": error PACKAGE_SAME_NAME [GUESTS]: ", "\n    old: " + names[2] + ": package "} {
		if !strings.Contains(out.String(), text) {
			t.Errorf("want %q in\n%s", text, &out)
		}
	}
}
