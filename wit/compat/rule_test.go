package compat_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

// load returns the package of a text.
func load(tb testing.TB, name, text string) *wit.Package {
	tb.Helper()
	p, err := wit.LoadFS(fstest.MapFS{name: {Data: []byte(text)}}, name, wit.Options{AllFeatures: true})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// example returns the file of an example of a rule.
func example(text string) string {
	if strings.HasPrefix(text, "package ") {
		return text
	}
	return "package acme:kv@0.2.0;\ninterface api {\n" + text + "\n}\nworld host { import api; }\nworld guest { export api; }\n"
}

// TestRuleExamples compares the example of each rule, and finds that rule alone.
// What is added or goes concerns one role each, and other rules of the pair.
func TestRuleExamples(t *testing.T) {
	pairs := [][]string{
		{"FUNC_ADDED_EXPORT", "FUNC_ADDED_IMPORT"}, {"METHOD_ADDED_EXPORT", "METHOD_ADDED_IMPORT"}, {"RESOURCE_ADDED_EXPORT", "RESOURCE_ADDED_IMPORT"},
	}
	for _, r := range compat.Rules() {
		old, now := load(t, "old.wit", example(r.Before)), load(t, "new.wit", example(r.After))
		found := compat.Compare(old, now, compat.Options{})
		if r.ID == "PACKAGE_VERSION_BUMP" {
			if f := compat.CheckBump(found, old, now); f != nil {
				found = append(found, *f)
			}
		}
		var got []string
		for _, f := range found {
			got = append(got, f.Rule)
			if f.Rule == r.ID && (f.Message == "" || f.Fix == "" || f.Item == "" || f.Place() == nil) {
				t.Errorf("%s: a finding lacks something: %+v", r.ID, f)
			}
			if !slices.Contains(r.Categories, f.Category) && f.Rule == r.ID {
				t.Errorf("%s: category %s is none of the rule's", r.ID, f.Category)
			}
		}
		slices.Sort(got)
		want := []string{r.ID}
		if r.ID == "PACKAGE_VERSION_BUMP" {
			want = append(want, "WORLD_EXPORT_ADDED")
		}
		for _, p := range pairs {
			if slices.Contains(p, r.ID) {
				want = p
			}
		}
		if got = slices.Compact(got); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", r.ID, got, want)
		}
		if r.Summary == "" || r.Why == "" || r.Fix == "" || len(r.Categories) == 0 {
			t.Errorf("%s does not explain itself", r.ID)
		}
		if again := compat.Compare(old, old, compat.Options{}); len(again) > 0 {
			t.Errorf("%s: compared with itself: %v", r.ID, again)
		}
	}
}

// TestRuleSubtyping holds the marks of rules to the kinds of types that the table
// of subtyping relaxed which drafts of the component model had: numbers, records,
// variants, and what these specialize to, and parameters and results of functions.
// Names of parameters in their order, handles and kinds were to stay as they are.
func TestRuleSubtyping(t *testing.T) {
	relaxed := map[string]string{
		"TYPE_SAME":               "number: lossless coercions; option: T <: option<T>",
		"FUNC_SAME_PARAMS":        "func: superfluous and optional parameters",
		"FUNC_SAME_RESULT":        "func: covariant result; result: T <: result<T, _>",
		"CONSTRUCTOR_SAME_RESULT": "result: T <: result<T, _>",
		"RECORD_SAME_FIELDS":      "record: superfluous and optional fields",
		"RECORD_SAME_FIELD_ORDER": "record: reordered fields",
		"VARIANT_SAME_CASES":      "variant: superfluous and reordered cases",
		"ENUM_SAME_CASES":         "variant",
		"ENUM_SAME_REPR":          "variant",
		"FLAGS_SAME_LABELS":       "record",
		"FLAGS_SAME_REPR":         "record",
	}
	for _, r := range compat.Rules() {
		if want := relaxed[r.ID] != ""; r.Subtyping != want {
			t.Errorf("%s: subtyping is %v, want %v", r.ID, r.Subtyping, want)
		}
		delete(relaxed, r.ID)
	}
	if len(relaxed) > 0 {
		t.Errorf("there are no rules %v", relaxed)
	}
}
