package compat_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

// lines returns what is found in short: what a test is about.
func lines(found []compat.Finding) []string {
	var list []string
	for _, f := range found {
		worlds := strings.Join(append([]string{f.World}, f.OtherWorlds...), "+")
		list = append(list, fmt.Sprintf("%s %s %s %s %s %s", f.Rule, f.Severity, f.Direction, f.Role, worlds, f.Item))
	}
	return list
}

func check(t *testing.T, name string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", name, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

const (
	before = `package acme:kv@0.2.1;
interface store { get: func() -> u32; }
interface admin { stop: func(); }
world one { import store; export admin; }
world two { import store; import admin; }
`
	after = `package acme:kv@0.2.1;
interface store { get: func() -> u32; put: func(n: u32); }
interface admin { stop: func(); wait: func(n: u64); }
world one { import store; export admin; }
world two { import store; import admin; }
`
)

func TestCompareOptions(t *testing.T) {
	const (
		put       = "FUNC_ADDED_IMPORT warning hosts imports one+two acme:kv/store#put"
		putOne    = "FUNC_ADDED_IMPORT warning hosts imports one acme:kv/store#put"
		putTwo    = "FUNC_ADDED_IMPORT warning hosts imports two acme:kv/store#put"
		export    = "FUNC_ADDED_EXPORT error guests exports one acme:kv/admin#wait"
		optional  = "FUNC_ADDED_EXPORT info guests exports one acme:kv/admin#wait"
		importTwo = "FUNC_ADDED_IMPORT warning hosts imports two acme:kv/admin#wait"
	)
	tests := []struct {
		name string
		o    compat.Options
		want []string
	}{
		{"all", compat.Options{}, []string{put, export, importTwo}},
		{"exports", compat.Options{Role: compat.Exports}, []string{export}},
		{"imports", compat.Options{Role: compat.Imports}, []string{put, importTwo}},
		{"a world", compat.Options{Worlds: []string{"one"}}, []string{putOne, export}},
		{"another world", compat.Options{Worlds: []string{"two"}}, []string{putTwo, importTwo}},
		{"a world that is not there", compat.Options{Worlds: []string{"three"}}, nil},
		{"optional", compat.Options{Optional: []string{"acme:kv/admin#wait"}}, []string{put, optional, importTwo}},
		{"optional, by version", compat.Options{Optional: []string{"acme:kv/admin@0.2#wait"}}, []string{put, optional, importTwo}},
		{"optional, in short", compat.Options{Optional: []string{"admin#wait"}}, []string{put, optional, importTwo}},
		{"another optional", compat.Options{Optional: []string{"acme:kv/admin", "admin#stop", "acme:other/admin#wait"}}, []string{put, export, importTwo}},
	}
	old, now := load(t, "a.wit", before), load(t, "a.wit", after)
	for _, tt := range tests {
		check(t, tt.name, lines(compat.Compare(old, now, tt.o)), tt.want)
	}
}

// TestCompareOptional adds all kinds of exports that guests may leave out.
func TestCompareOptional(t *testing.T) {
	const text = "package acme:kv@0.2.1;\ninterface i { f: func(); %s }\ninterface j { g: func(); }\nworld w { export i; %s }\n"
	old := load(t, "a.wit", fmt.Sprintf(text, "", ""))
	now := load(t, "a.wit", fmt.Sprintf(text, "resource r { constructor(); m: func(); }", "export j; export h: func(); export k: interface { l: func(); }"))
	all := []string{"j", "w#h", "w#k", "i#r.constructor", "i#r.m"}
	check(t, "all", lines(compat.Compare(old, now, compat.Options{Optional: all})), []string{
		"RESOURCE_ADDED_EXPORT info guests exports w acme:kv/i#r",
		"WORLD_EXPORT_ADDED info guests exports w acme:kv/j",
		"WORLD_EXPORT_ADDED info guests exports w acme:kv/w#h",
		"WORLD_EXPORT_ADDED info guests exports w acme:kv/w#k",
	})
	if got := compat.Needed(compat.Compare(old, now, compat.Options{Optional: all})); got != compat.PatchBump {
		t.Errorf("what guests may leave out needs %s, want a patch, as all that only adds", got)
	}
	if got := compat.Needed(compat.Compare(old, now, compat.Options{})); got != compat.MinorBump {
		t.Errorf("what guests have to have needs %s, want a minor", got)
	}
	for i, path := range all {
		errors := 0
		for _, f := range compat.Compare(old, now, compat.Options{Optional: slices.Delete(slices.Clone(all), i, i+1)}) {
			if f.Severity == compat.Error {
				errors++
			}
		}
		if errors != 1 {
			t.Errorf("without %s: %d errors, want 1", path, errors)
		}
	}
}

func TestCompareUnstable(t *testing.T) {
	const text = "package acme:kv@0.2.1;\ninterface store {\n  get: func() -> u32;\n  @unstable(feature = beta)\n  put: func(n: %s);\n}\nworld w { import store; }\n"
	old, now := load(t, "a.wit", fmt.Sprintf(text, "u32")), load(t, "a.wit", fmt.Sprintf(text, "u64"))
	check(t, "without", lines(compat.Compare(old, now, compat.Options{})), nil)
	check(t, "with", lines(compat.Compare(old, now, compat.Options{Unstable: true})), []string{
		"TYPE_SAME error guests imports w acme:kv/store#put.n",
		"TYPE_SAME warning hosts imports w acme:kv/store#put.n",
	})
}

// TestCompareNoWorld compares an interface that no world of the package has, so
// that others may import or export it, and use all of its types.
func TestCompareNoWorld(t *testing.T) {
	old := load(t, "a.wit", "package acme:types@1.0.0;\ninterface types { record entry { key: string } type size = u32; }\n")
	now := load(t, "a.wit", "package acme:types@1.0.0;\ninterface types { record entry { name: string } type size = u64; }\n")
	check(t, "silent or not", lines(compat.Compare(old, now, compat.Options{Role: compat.Imports})), []string{
		"RECORD_SAME_FIELDS error guests imports  acme:types/types#entry.key",
		"RECORD_SAME_FIELDS error hosts imports  acme:types/types#entry.key",
		"TYPE_SAME error guests imports  acme:types/types#size",
		"TYPE_SAME warning hosts imports  acme:types/types#size",
	})
	if n := len(compat.Compare(old, now, compat.Options{})); n != 8 {
		t.Errorf("both roles: %d findings, want 8", n)
	}
}

// TestCompareCascades changes a type that others are made of: it is found once,
// with the functions that use it, and nothing is found where it is used.
func TestCompareCascades(t *testing.T) {
	const text = `package acme:kv@0.2.1;
interface types {
  record entry { key: %s }
  variant change { added(entry), removed(string) }
  type changes = list<change>;
}
interface store {
  use types.{entry, changes as log};
  f1: func() -> entry;
  f2: func(e: option<entry>);
  f3: func() -> result<log, string>;
  f4: func(l: log) -> u32;
  f5: func(n: u32);
}
world plugin { export store; import more: interface { use types.{change}; f6: func(c: change); f7: func() -> tuple<change, u8>; } }
`
	found := compat.Compare(load(t, "old.wit", fmt.Sprintf(text, "string")), load(t, "new.wit", fmt.Sprintf(text, "list<string>")), compat.Options{})
	check(t, "once", lines(found), []string{
		"RECORD_SAME_FIELDS error guests imports plugin acme:kv/types#entry.key",
		"RECORD_SAME_FIELDS error hosts imports plugin acme:kv/types#entry.key",
	})
	want := []string{"acme:kv/plugin#more.f6", "acme:kv/plugin#more.f7", "acme:kv/store#f1", "acme:kv/store#f2", "acme:kv/store#f3", "acme:kv/store#f4"}
	check(t, "users", found[0].UsedBy, want)
	const message = "`acme:kv/types#entry.key` changed: field `key` is `list<string>`, it was `string`, used by 6 functions: " +
		"`acme:kv/plugin#more.f6`, `acme:kv/plugin#more.f7`, `acme:kv/store#f1`, `acme:kv/store#f2`, `acme:kv/store#f3` and 1 more; " +
		"guests of the old contract that use it do not link, and no core signature shows it"
	if found[0].Message != message {
		t.Errorf("got  %s\nwant %s", found[0].Message, message)
	}
	const text2 = "new.wit:3:18: error RECORD_SAME_FIELDS [GUESTS]: " + message +
		"\n    fix: add a record of another name, and a function that takes it; or release it as 0.3.0"
	if got := found[0].String(); got != text2 {
		t.Errorf("got  %s\nwant %s", got, text2)
	}
	if got, want := found[0].Old, (&compat.Place{Text: "record entry { key: string }", File: "old.wit", Line: 3, Col: 18}); *got != *want {
		t.Errorf("old place: got %+v, want %+v", got, want)
	}
}

// TestCompareResources changes what a resource is known by, and finds nothing
// at the functions that take one.
func TestCompareResources(t *testing.T) {
	const text = "package acme:kv@0.2.1;\ninterface a {\n  resource %[1]s { size: func() -> u32; %[2]s }\n  open: func() -> %[1]s;\n}\ninterface b {\n  use a.{%[1]s};\n  drop: func(s: list<borrow<%[1]s>>);\n}\nworld w { import b; }\n"
	of := func(name, more string) *wit.Package { return load(t, "a.wit", fmt.Sprintf(text, name, more)) }
	check(t, "renamed", lines(compat.Compare(of("store", ""), of("bucket", ""), compat.Options{Role: compat.Imports})), []string{
		"RESOURCE_NO_DELETE error guests imports w acme:kv/a#store",
		"RESOURCE_NO_DELETE warning hosts imports w acme:kv/a#store",
	})
	check(t, "method", lines(compat.Compare(of("store", ""), of("store", "flush: func();"), compat.Options{})), []string{
		"METHOD_ADDED_IMPORT warning hosts imports w acme:kv/a#store.flush",
	})
}

// TestCompareUses gives a type another name where it is used.
func TestCompareUses(t *testing.T) {
	const text = "package acme:kv@0.2.1;\ninterface a {\n  record %s { key: string }\n}\ninterface b {\n  use a.{%s};\n  f: func(e: %s);\n}\nworld w { import b; }\n"
	of := func(declared, used, name string) *wit.Package {
		return load(t, "a.wit", fmt.Sprintf(text, declared, used, name))
	}
	old := of("entry", "entry", "entry")
	check(t, "where it is used", lines(compat.Compare(old, of("entry", "entry as e", "e"), compat.Options{})), []string{
		"TYPE_NO_DELETE error guests imports w acme:kv/b#entry",
		"TYPE_NO_DELETE error hosts imports w acme:kv/b#entry",
	})
	check(t, "where it is declared", lines(compat.Compare(old, of("item", "item", "item"), compat.Options{})), []string{
		"TYPE_NO_DELETE error guests imports w acme:kv/a#entry",
		"TYPE_NO_DELETE error hosts imports w acme:kv/a#entry",
	})
	check(t, "there only", lines(compat.Compare(old, of("item", "item as entry", "entry"), compat.Options{})), []string{
		"TYPE_NO_DELETE error guests imports w acme:kv/a#entry",
		"TYPE_NO_DELETE error hosts imports w acme:kv/a#entry",
	})
}

// TestCompareComponent compares a contract with what a component is built
// against, whose world has another name and lacks what it does not use.
func TestCompareComponent(t *testing.T) {
	guest, err := wit.Load("../../examples/plugins/guests/js/data-processor.wasm", wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	host, err := wit.Load("../../golden/plugins/wit/plugins.wit", wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range compat.Compare(guest, host, compat.Options{}) {
		if f.Severity == compat.Error && f.Direction == compat.ToGuests && !strings.HasPrefix(f.Item, "wasi:") {
			t.Errorf("a guest of the contract: %s", f)
		}
	}
	text := strings.Replace(wit.Print(host), "input: string", "input: list<u8>", 1)
	if text == wit.Print(host) {
		t.Fatal("the contract has no input any more")
	}
	found := compat.Compare(guest, load(t, "a.wit", text), compat.Options{})
	if !slices.ContainsFunc(found, func(f compat.Finding) bool { return f.Rule == "RECORD_SAME_FIELDS" && f.Direction == compat.ToGuests }) {
		t.Errorf("a guest of another contract: got %q, want RECORD_SAME_FIELDS", lines(found))
	}
}

func TestBump(t *testing.T) {
	tests := []struct {
		old, now string
		want     compat.Bump
	}{
		{"0.2.1", "0.2.1", compat.NoBump}, {"0.2.1", "0.2.0", compat.NoBump}, {"0.2.1", "0.2.2", compat.PatchBump},
		{"0.2.1", "0.3.0", compat.MinorBump}, {"0.2.1", "1.0.0", compat.MajorBump}, {"1.2.3", "1.2.4", compat.PatchBump},
		{"1.2.3", "2.0.0", compat.MajorBump}, {"", "1.0.0", compat.NoBump}, {"1.0.0-rc.1", "1.0.0", compat.PatchBump},
		{"1.0.0+a", "1.0.0+b", compat.NoBump},
	}
	for _, tt := range tests {
		if got := compat.Declared(tt.old, tt.now); got != tt.want {
			t.Errorf("from %q to %q: got %s, want %s", tt.old, tt.now, got, tt.want)
		}
	}
	for _, tt := range []struct {
		version string
		bump    compat.Bump
		want    string
	}{
		{"0.2.1", compat.MinorBump, "0.3.0"}, {"0.2.1", compat.PatchBump, "0.2.2"}, {"1.2.3", compat.MajorBump, "2.0.0"},
		{"1.2.3", compat.NoBump, "1.2.3"}, {"", compat.MajorBump, ""}, {"0.9.0", compat.MinorBump, "0.10.0"},
	} {
		if got := compat.Next(tt.version, tt.bump); got != tt.want {
			t.Errorf("%s after %q: got %q, want %q", tt.bump, tt.version, got, tt.want)
		}
	}
}

// TestCheckBump changes a contract and its version.
func TestCheckBump(t *testing.T) {
	const text = "package acme:kv%s;\ninterface api { get: func() -> u32; %s }\nworld w { %s api; }\n"
	tests := []struct {
		old, now, verb string
		need           compat.Bump
		severity       compat.Severity // empty when the version is fine
	}{
		{"@0.2.1", "@0.2.2", "export", compat.MinorBump, compat.Error},
		{"@0.2.1", "@0.3.0", "export", compat.MinorBump, ""},
		{"@0.2.1", "@0.2.1", "import", compat.PatchBump, compat.Warning},
		{"@0.2.1", "@0.2.2", "import", compat.PatchBump, ""},
		{"@1.2.1", "@1.2.2", "import", compat.MinorBump, compat.Warning},
		{"@1.2.1", "@1.3.0", "import", compat.MinorBump, ""},
		{"@1.2.1", "@1.3.0", "export", compat.MajorBump, compat.Error},
		{"@1.2.1", "@2.0.0", "export", compat.MajorBump, ""},
		{"@0.0.1", "@0.0.2", "export", compat.NoBump, ""},
		{"@0.2.0-rc.1", "@0.2.0-rc.2", "export", compat.NoBump, ""},
		{"", "", "export", compat.NoBump, ""},
		{"", "@0.1.0", "import", compat.NoBump, ""},
		{"@0.2.1", "", "import", compat.PatchBump, ""},
		{"@0.2.1", "@0.2.0", "import", compat.PatchBump, compat.Error},
		{"@0.3.0", "@0.2.9", "import", compat.PatchBump, compat.Error},
		{"@1.0.0", "@1.0.0-rc.1", "import", compat.MinorBump, compat.Error},
		{"@1.0.0+b", "@1.0.0+a", "import", compat.MinorBump, compat.Warning},
	}
	for _, tt := range tests {
		old, now := load(t, "a.wit", fmt.Sprintf(text, tt.old, "", tt.verb)), load(t, "a.wit", fmt.Sprintf(text, tt.now, "put: func();", tt.verb))
		found := compat.Compare(old, now, compat.Options{})
		if got := compat.Needed(found); got != tt.need {
			t.Errorf("%v: it needs a %s, want %s", tt, got, tt.need)
		}
		var got compat.Severity
		if f := compat.CheckBump(found, old, now); f != nil {
			got = f.Severity
		}
		if got != tt.severity {
			t.Errorf("%v: got severity %q, want %q", tt, got, tt.severity)
		}
	}
}

// TestCheckBumpBack says of a version that is less than it was what it is.
func TestCheckBumpBack(t *testing.T) {
	const text = "package acme:kv%s;\ninterface api { get: func() -> u32; }\nworld w { import api; }\n"
	for _, tt := range []struct{ old, now, message, fix string }{
		{"@0.3.0", "@0.2.0", "the version of acme:kv is 0.2.0, it was 0.3.0: guests of acme:kv@0.3.0 are linked to no host of it", "write `package acme:kv@0.3.0;`"},
		{"@0.2.1", "@0.2.0", "the version of acme:kv is 0.2.0, it was 0.2.1: versions only go up", "write `package acme:kv@0.2.1;`"},
	} {
		old, now := load(t, "a.wit", fmt.Sprintf(text, tt.old)), load(t, "a.wit", fmt.Sprintf(text, tt.now))
		f := compat.CheckBump(compat.Compare(old, now, compat.Options{}), old, now)
		if f == nil || f.Message != tt.message || f.Fix != tt.fix || f.Bump != compat.NoBump {
			t.Errorf("from %q to %q: got %+v", tt.old, tt.now, f)
		}
	}
}

// TestCheckBumpGo holds that what Go code alone notices asks for a version, and
// weighs what it weighs.
func TestCheckBumpGo(t *testing.T) {
	found := func(c compat.Category, s compat.Severity, b compat.Bump) compat.Finding {
		return compat.Finding{Category: c, Severity: s, Bump: b}
	}
	tests := []struct {
		name, old, now string
		found          []compat.Finding
		want           string // category, direction, severity and bump; empty when the version is fine
	}{
		{"nothing", "0.2.1", "0.2.1", nil, ""},
		{"a warning", "0.2.1", "0.2.2", []compat.Finding{found(compat.Go, compat.Warning, compat.MinorBump)}, "GO hosts warning minor"},
		{"released", "0.2.1", "0.3.0", []compat.Finding{found(compat.Go, compat.Warning, compat.MinorBump)}, ""},
		{"an error", "1.2.1", "1.3.0", []compat.Finding{
			found(compat.Guests, compat.Info, compat.MinorBump), found(compat.Go, compat.Error, compat.MajorBump),
		}, "GO hosts error major"},
		{"an addition", "1.2.1", "1.2.1", []compat.Finding{found(compat.Go, compat.Error, compat.MinorBump)}, "GO hosts warning minor"},
		{"guests too", "0.2.1", "0.2.2", []compat.Finding{
			found(compat.Guests, compat.Error, compat.MinorBump), found(compat.Go, compat.Warning, compat.MinorBump),
		}, "GUESTS guests error minor"},
		{"less for guests", "0.2.1", "0.2.1", []compat.Finding{
			found(compat.Hosts, compat.Warning, compat.PatchBump), found(compat.Go, compat.Warning, compat.MinorBump),
		}, "GO hosts warning minor"},
	}
	for _, tt := range tests {
		old, now := load(t, "a.wit", "package acme:kv@"+tt.old+";"), load(t, "a.wit", "package acme:kv@"+tt.now+";")
		got := ""
		if f := compat.CheckBump(tt.found, old, now); f != nil {
			got = fmt.Sprint(f.Category, " ", f.Direction, " ", f.Severity, " ", f.Bump)
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	for _, tt := range []struct {
		version string
		breaks  bool
		want    compat.Bump
	}{
		{"0.2.1", true, compat.MinorBump}, {"0.2.1", false, compat.PatchBump}, {"1.0.0", true, compat.MajorBump}, {"1.0.0", false, compat.MinorBump},
		{"0.0.1", true, compat.NoBump}, {"", true, compat.NoBump},
	} {
		if got := compat.BumpFor(tt.version, tt.breaks); got != tt.want {
			t.Errorf("%q, breaks %v: got %s, want %s", tt.version, tt.breaks, got, tt.want)
		}
	}
	if !compat.MinorBump.AtLeast(compat.PatchBump) || !compat.MinorBump.AtLeast(compat.MinorBump) || compat.NoBump.AtLeast(compat.PatchBump) {
		t.Error("bumps are out of order")
	}
}

// TestFindingJSON writes a finding as JSON and reads it again.
func TestFindingJSON(t *testing.T) {
	found := compat.Compare(load(t, "a.wit", before), load(t, "b.wit", after), compat.Options{})
	data, err := json.Marshal(found)
	if err != nil {
		t.Fatal(err)
	}
	var again []compat.Finding
	if err := json.Unmarshal(data, &again); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(found, again) {
		t.Errorf("got %+v\nwant %+v", again, found)
	}
}

// TestCompareMetadata finds nothing where versions of a package differ by their
// build metadata alone, which is no part of what is linked.
func TestCompareMetadata(t *testing.T) {
	load := func(version string) *wit.Package {
		p, err := wit.LoadFS(fstest.MapFS{
			"kv.wit":      {Data: []byte("package acme:kv@0.2.0;\nworld plugin { import acme:io/streams@" + version + "; }\n")},
			"deps/io.wit": {Data: []byte("package acme:io@" + version + ";\ninterface streams { resource source; open: func() -> source; }\n")},
		}, ".", wit.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, version := range []string{"0.0.1", "0.2.0-rc.1", "1.0.0"} {
		if found := compat.Compare(load(version+"+a"), load(version+"+b"), compat.Options{}); len(found) != 0 {
			t.Errorf("%s: %v", version, lines(found))
		}
	}
}
