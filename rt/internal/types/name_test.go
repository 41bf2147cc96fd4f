package types

import (
	"strings"
	"testing"
)

func TestParseName(t *testing.T) {
	tests := []struct {
		name string
		want externName
		key  string // canonical form; the name itself when empty
	}{
		{name: "a", want: externName{form: plainName}},
		{name: "A", want: externName{form: plainName}, key: "a"},
		{name: "a1-B2-3-c", want: externName{form: plainName}, key: "a1-b2-3-c"},
		{name: "[constructor]foo", want: externName{form: constructorName, resource: "foo"}},
		{name: "[constructor]FOO", want: externName{form: constructorName, resource: "FOO"}, key: "[constructor]foo"},
		{name: "[method]foo.bar", want: externName{form: methodName, resource: "foo", member: "bar"}, key: "foo.bar"},
		{name: "[static]foo.BAR", want: externName{form: staticName, resource: "foo", member: "BAR"}, key: "foo.bar"},
		{name: "[method]foo.foo", want: externName{form: methodName, resource: "foo", member: "foo"}, key: "foo"},
		{name: "[static]foo-BAR.FOO-bar", want: externName{form: staticName, resource: "foo-BAR", member: "FOO-bar"}, key: "foo-bar"},
		{name: "a:b/c", want: externName{form: interfaceName}},
		{name: "ns-1-a:b-1-c/D-2", want: externName{form: interfaceName}, key: "ns-1-a:b-1-c/d-2"},
		{name: "a:b/c@1.2.3", want: externName{form: interfaceName, version: "1.2.3"}},
		{name: "a:b/c@0.2", want: externName{form: interfaceName, version: "0.2"}},
	}
	for _, test := range tests {
		got, err := parseName(test.name)
		if err != nil || got != test.want {
			t.Errorf("%q: got %+v, %v, want %+v", test.name, got, err, test.want)
		}
		want := test.key
		if want == "" {
			want = test.name
		}
		if key := got.canonical(test.name); key != want {
			t.Errorf("%q: canonical form is %q, want %q", test.name, key, want)
		}
	}
}

func TestParseNameErrors(t *testing.T) {
	tests := []struct{ name, want string }{
		{"", `label "" is not in kebab case`},
		{"1", `label "1" is not in kebab case`},
		{"-a", "not in kebab case"},
		{"a-", "not in kebab case"},
		{"a--b", "not in kebab case"},
		{"aB", "not in kebab case"},
		{"a_b", "not in kebab case"},
		{"é", "not in kebab case"},
		{"a/b", "not in kebab case"},
		{"[method]foo", `"foo" has no dot`},
		{"[method]foo.", "not in kebab case"},
		{"[static].foo", "not in kebab case"},
		{"[method]a.b.c", `label "b.c" is not in kebab case`},
		{"[constructor]a.b", `label "a.b" is not in kebab case`},
		{"[other]a", "not in kebab case"},
		{"a:b", "no interface name"},
		{":b/c", `namespace "" is not in lower kebab case`},
		{"A:b/c", `namespace "A" is not in lower kebab case`},
		{"a:B/c", `package name "B" is not in lower kebab case`},
		{"a:b/", `label "" is not in kebab case`},
		{"a:b/cD", `label "cD" is not in kebab case`},
		{"a:b:c/d", `package name "b:c" is not in lower kebab case`},
		{"a:b/c/d", `label "c/d" is not in kebab case`},
		{"a:b/c@", `"" is not a version`},
		{"a:b/c@x", `"x" is not a version`},
		{"a:b/c@1.2.3@4", "is not a version"},
	}
	for _, test := range tests {
		if _, err := parseName(test.name); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: error %v, want %q", test.name, err, test.want)
		}
	}
}

func TestVersions(t *testing.T) {
	tests := []struct {
		version           string
		semver, canonical bool
	}{
		{"0.0.0", true, true},
		{"0.0.1", true, true},
		{"1.2.3", true, false},
		{"123456.7890.488", true, false},
		{"1.0.0-rc.1", true, false},
		{"1.0.0-alpha-1.x", true, false},
		{"1.0.0+build.01", true, false},
		{"1.0.0-a+b-c", true, false},
		{"1", false, true},
		{"0.2", false, true},
		{"10", false, true},
		{"", false, false},
		{"0", false, false},
		{"0.0", false, false},
		{"1.2", false, false},
		{"01", false, false},
		{"0.02", false, false},
		{"0.0.0.0", false, false},
		{"1.2.3.4", false, false},
		{"01.0.0", false, false},
		{"1..0", false, false},
		{"1.0.0-", false, false},
		{"1.0.0+", false, false},
		{"1.0.0-01", false, false},
		{"1.0.0-a..b", false, false},
		{"1.0.0-a_b", false, false},
		{"-1.0.0", false, false},
	}
	for _, test := range tests {
		if got := isSemver(test.version); got != test.semver {
			t.Errorf("isSemver(%q) = %v", test.version, got)
		}
		if got := isCanonicalVersion(test.version); got != test.canonical {
			t.Errorf("isCanonicalVersion(%q) = %v", test.version, got)
		}
	}
}
