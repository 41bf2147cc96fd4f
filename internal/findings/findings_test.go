package findings

import (
	"encoding/json"
	"encoding/xml"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sample is a report with what is awkward in each format.
func sample() *Report {
	return &Report{
		Command: "witgen check", Subject: "wit", Below: "sub",
		Rules: []Rule{{ID: "GONE", Summary: "It is gone.", Help: "Why."}, {ID: "UNUSED"}},
		Line: func(file string, line int) (string, bool) {
			return "\té: func(a: u32);", file == "wit/a b.wit" && line == 12
		},
		Findings: []Finding{
			{
				Place: Place{"wit/a b.wit", 12, 4}, Severity: Error, Rule: "GONE", Tag: "GUESTS", Item: "acme:kv/store#é",
				Message: "100% gone:\r\n\"<f>\" -> nothing", Fix: "keep it, or\nbump",
				Related: []Related{
					{Place: Place{"main:wit/a.wit", 3, 1}, Elsewhere: true, Label: "old", Text: "f: func();"},
					{Place: Place{"other.wit", 0, 0}, Label: "see"},
				},
			},
			{Place: Place{"wit/a,b:c.wit", 7, 0}, Severity: Warning, Rule: "MOVED", Message: "moved", Data: map[string]int{"x": 1}},
			{Severity: Info, Rule: "MOVED", Message: "moved", Key: "k"},
			{Severity: Info, Rule: "MOVED", Message: "moved again", Key: "k"},
		},
	}
}

func write(t *testing.T, r *Report, f Format) string {
	t.Helper()
	var b strings.Builder
	if err := r.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestText(t *testing.T) {
	want := `wit/a b.wit:12:4: error GONE [GUESTS]: 100% gone:  "<f>" -> nothing
   12 | 	é: func(a: u32);
      | 	 ^
    old: main:wit/a.wit:3:1: f: func();
    see: other.wit
    fix: keep it, or bump
wit/a,b:c.wit:7: warning MOVED: moved
-: info MOVED: moved
-: info MOVED: moved again
`
	if got := write(t, sample(), Text); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for name, p := range map[string]Place{"behind the line": {"wit/a b.wit", 12, 20}, "another line": {"wit/a b.wit", 1, 1}, "no column": {"wit/a b.wit", 12, 0}} {
		r := sample()
		r.Findings = []Finding{{Place: p, Severity: Error, Rule: "R", Message: "m"}}
		if got := write(t, r, Text); strings.Contains(got, "|") {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestJSON(t *testing.T) {
	want := `{"rule":"GONE","severity":"error","file":"wit/a b.wit","line":12,"col":4,"item":"acme:kv/store#é","message":"100% gone:\r\n\"<f>\" -> nothing","fix":"keep it, or\nbump"}
{"x":1}
{"rule":"MOVED","severity":"info","file":"","line":0,"col":0,"message":"moved"}
{"rule":"MOVED","severity":"info","file":"","line":0,"col":0,"message":"moved again"}
`
	if got := write(t, sample(), JSON); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestGitHub(t *testing.T) {
	want := `::error file=sub/wit/a b.wit,line=12,col=4,title=GONE::100%25 gone:%0D%0A"<f>" -> nothing%0Afix: keep it, or%0Abump
::warning file=sub/wit/a%2Cb%3Ac.wit,line=7,title=MOVED::moved
::notice title=MOVED::moved
::notice title=MOVED::moved again
`
	if got := write(t, sample(), GitHub); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestGitLab(t *testing.T) {
	var got []struct {
		Description, Fingerprint, Severity string
		Check                              string `json:"check_name"`
		Location                           struct {
			Path  string
			Lines struct{ Begin int }
		}
	}
	if err := json.Unmarshal([]byte(write(t, sample(), GitLab)), &got); err != nil {
		t.Fatal(err)
	}
	prints := make(map[string]bool)
	var rows []string
	for _, x := range got {
		prints[x.Fingerprint] = true
		rows = append(rows, strings.Join([]string{x.Severity, x.Check, x.Location.Path, string(rune('0' + x.Location.Lines.Begin%10)), x.Description}, "|"))
	}
	want := []string{
		"critical|GONE|sub/wit/a b.wit|2|100% gone:\r\n\"<f>\" -> nothing\nfix: keep it, or\nbump",
		"minor|MOVED|sub/wit/a,b:c.wit|7|moved",
		"info|MOVED|sub/wit|1|moved",
		"info|MOVED|sub/wit|1|moved again",
	}
	if !slices.Equal(rows, want) || len(prints) != 4 || prints[""] {
		t.Errorf("got %q and %d fingerprints, want %q", rows, len(prints), want)
	}
	if got := write(t, &Report{}, GitLab); got != "[]\n" {
		t.Errorf("nothing is %q", got)
	}
}

// TestFingerprints holds that findings are known again when lines move, and not
// when they are about something else.
func TestFingerprints(t *testing.T) {
	before := sample().fingerprints()
	r := sample()
	for n := range r.Findings {
		r.Findings[n].Place.Line += 5
	}
	r.Findings[0].Severity, r.Findings[0].Fix = Warning, "another"
	r.Findings = append([]Finding{{Rule: "NEW", Message: "before all others"}}, r.Findings...)
	if after := r.fingerprints()[1:]; !slices.Equal(before, after) {
		t.Errorf("got %q, want %q", after, before)
	}
	r = sample()
	r.Findings[0].Item = "acme:kv/store#g"
	r.Findings[1].Rule = "OTHER"
	r.Findings[2].Key = "l"
	for n, print := range r.fingerprints()[:3] {
		if slices.Contains(before[:3], print) {
			t.Errorf("finding %d is known again", n)
		}
	}
	below := &Report{Below: "", Findings: []Finding{{Place: Place{File: "sub/x"}}}}
	other := &Report{Below: "sub", Findings: []Finding{{Place: Place{File: "x"}}}}
	if a, b := below.fingerprints(), other.fingerprints(); !slices.Equal(a, b) {
		t.Errorf("seen from elsewhere: %q and %q", a, b)
	}
}

func TestJUnit(t *testing.T) {
	type suites struct {
		Suite struct {
			Name     string `xml:"name,attr"`
			Tests    int    `xml:"tests,attr"`
			Failures int    `xml:"failures,attr"`
			Errors   int    `xml:"errors,attr"`
			Cases    []struct {
				Name    string     `xml:"name,attr"`
				Class   string     `xml:"classname,attr"`
				Attrs   []xml.Attr `xml:",any,attr"`
				Error   *string    `xml:"error"`
				Failure *string    `xml:"failure"`
				Output  string     `xml:"system-out"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	read := func(r *Report) suites {
		t.Helper()
		text := write(t, r, JUnit)
		var s suites
		if err := xml.Unmarshal([]byte(text), &s); err != nil || !strings.HasPrefix(text, "<?xml") {
			t.Fatalf("%v\n%s", err, text)
		}
		return s
	}
	s := read(sample()).Suite
	if s.Name != "witgen check" || s.Tests != 4 || s.Failures != 1 || len(s.Cases) != 4 {
		t.Fatalf("got %+v", s)
	}
	first, second := s.Cases[0], s.Cases[1]
	if first.Name != "GONE [GUESTS] acme:kv/store#é" || first.Class != "witgen check" || len(first.Attrs) > 0 ||
		first.Failure == nil || !strings.HasPrefix(*first.Failure, "wit/a b.wit:12:4: 100% gone:") || !strings.Contains(*first.Failure, `"<f>" -> nothing`) {
		t.Errorf("got %+v", first)
	}
	if second.Failure != nil || second.Output != "warning: wit/a,b:c.wit:7: moved" {
		t.Errorf("got %+v", second)
	}
	strict := sample()
	strict.Strict = true
	if s := read(strict).Suite; s.Failures != 2 || s.Cases[1].Failure == nil {
		t.Errorf("strict: got %+v", s)
	}
	twice := &Report{Command: "c", Findings: []Finding{
		{Rule: "GONE", Tag: "GUESTS", Item: "a:b/c", Severity: Error},
		{Rule: "GONE", Tag: "HOSTS", Item: "a:b/c", Severity: Warning},
		{Rule: "GONE", Tag: "HOSTS", Item: "a:b/c", Severity: Warning},
	}}
	var names []string // of which programs that read them keep one each
	for _, c := range read(twice).Suite.Cases {
		names = append(names, c.Name)
	}
	if want := []string{"GONE [GUESTS] a:b/c", "GONE [HOSTS] a:b/c", "GONE [HOSTS] a:b/c (2)"}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
	passed := &Report{Command: "c", Passed: []string{"one", "two"}, Findings: []Finding{{Rule: "GONE", Severity: Error}}}
	if s := read(passed).Suite; s.Tests != 3 || s.Failures != 1 || s.Cases[0].Name != "one" || s.Cases[1].Failure != nil || s.Cases[2].Name != "GONE" {
		t.Errorf("passed: got %+v", s)
	}
	if s := read(&Report{Command: "c", Subject: "wit"}).Suite; s.Tests != 1 || s.Failures != 0 || s.Cases[0].Name != "wit" {
		t.Errorf("nothing: got %+v", s)
	}
}

func TestSARIF(t *testing.T) {
	var got struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name  string
					Rules []struct{ ID string }
				}
			}
			ColumnKind string
			Results    []struct {
				RuleID              string
				RuleIndex           int
				Level               string
				Message             struct{ Text string }
				Locations           []location
				RelatedLocations    []location
				PartialFingerprints map[string]string
			}
		}
	}
	if err := json.Unmarshal([]byte(write(t, sample(), SARIF)), &got); err != nil {
		t.Fatal(err)
	}
	if got.Version != "2.1.0" || len(got.Runs) != 1 || len(got.Runs[0].Results) != 4 || got.Runs[0].ColumnKind != "unicodeCodePoints" {
		t.Fatalf("got %+v", got)
	}
	run := got.Runs[0]
	var levels []string
	for _, x := range run.Results {
		levels = append(levels, x.Level+" "+run.Tool.Driver.Rules[x.RuleIndex].ID)
		if x.RuleID != run.Tool.Driver.Rules[x.RuleIndex].ID || x.PartialFingerprints["witgen/v1"] == "" || x.Message.Text == "" {
			t.Errorf("got %+v", x)
		}
	}
	if want := []string{"error GONE", "warning MOVED", "note MOVED", "note MOVED"}; !slices.Equal(levels, want) {
		t.Errorf("got %q, want %q", levels, want)
	}
	if none := run.Results[2].Locations; len(none) != 1 || none[0].PhysicalLocation.ArtifactLocation != (artifact{"sub/wit", "%SRCROOT%"}) {
		t.Errorf("what has no place is at %+v", none) // GitHub wants one
	}
	first := run.Results[0]
	if len(first.Locations) != 1 || len(first.RelatedLocations) != 2 {
		t.Fatalf("got %+v", first)
	}
	at := first.Locations[0].PhysicalLocation
	if at.ArtifactLocation != (artifact{"sub/wit/a%20b.wit", "%SRCROOT%"}) || at.Region != (region{12, 3}) {
		t.Errorf("it is at %+v, in characters", at)
	}
	old, see := first.RelatedLocations[0], first.RelatedLocations[1]
	if old.PhysicalLocation != nil || old.Message.Text != "old: f: func(); (main:wit/a.wit:3:1)" {
		t.Errorf("got %+v", old)
	}
	if see.PhysicalLocation.ArtifactLocation.URI != "sub/other.wit" || see.Message.Text != "see" {
		t.Errorf("got %+v", see)
	}
	for name, tt := range map[string]struct {
		line string
		col  int
		want region
	}{
		"no line to count in":              {"", 7, region{12, 0}},
		"behind what is not ASCII":         {"/* \u00e9\u65e5\U0001f600 */ f", 17, region{12, 11}},
		"a line that is too long to quote": {strings.Repeat("\u00e9", maxQuoted) + "f", 2*maxQuoted + 1, region{12, maxQuoted + 1}},
		"behind its line":                  {"f", 3, region{12, 0}},
	} {
		r := sample()
		r.Line = func(string, int) (string, bool) { return tt.line, tt.line != "" }
		if at := r.physical(Place{"a.wit", 12, tt.col}); *at.Region != sarifRegion(tt.want) {
			t.Errorf("%s: it is at %+v, want %+v", name, *at.Region, tt.want)
		}
	}
	for name, want := range map[string]artifact{
		"/a/b": {"file:///a/b", ""}, "C:/a b": {"file:///C%3A/a%20b", ""}, "é": {"sub/%C3%A9", "%SRCROOT%"}, "../x": {"x", "%SRCROOT%"},
	} {
		if got := sample().artifact(name); got.URI != want.URI || got.URIBaseID != want.URIBaseID {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}

type location struct {
	PhysicalLocation *struct {
		ArtifactLocation artifact
		Region           region
	}
	Message struct{ Text string }
}

type artifact struct{ URI, URIBaseID string }

type region struct{ StartLine, StartColumn int }

func TestFails(t *testing.T) {
	for _, tt := range []struct {
		severities []Severity
		strict     bool
		want       bool
	}{
		{nil, true, false},
		{[]Severity{Info, Warning}, false, false},
		{[]Severity{Info, Warning}, true, true},
		{[]Severity{Info}, true, false},
		{[]Severity{Info, Error}, false, true},
	} {
		r := &Report{Strict: tt.strict}
		for _, s := range tt.severities {
			r.Findings = append(r.Findings, Finding{Severity: s})
		}
		if got := r.Failed(); got != tt.want {
			t.Errorf("%v: got %v", tt, got)
		}
	}
}

// TestAbsolute names files that are given in full from the root of the repository,
// if they are in it.
func TestAbsolute(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "repo", "sub")
	at := func(elem ...string) string { return filepath.ToSlash(filepath.Join(append([]string{dir}, elem...)...)) }
	for name, want := range map[string]string{
		at("wit", "a.wit"):             "sub/wit/a.wit",
		at("..", "wit", "a.wit"):       "wit/a.wit",
		at("..", "..", "other.wit"):    at("..", "..", "other.wit"),
		"../wit/a.wit":                 "wit/a.wit",
		at("..", "subway", "a%,b.wit"): "subway/a%,b.wit",
	} {
		r := &Report{Below: "sub", Dir: dir}
		if got := r.file(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	if got := new(Report).file(at("a.wit")); got != at("a.wit") {
		t.Errorf("got %s", got)
	}
}

func TestParseFormat(t *testing.T) {
	seen := make(map[Format]bool)
	for _, f := range Formats() {
		got, err := ParseFormat(string(f))
		if err != nil || got != f {
			t.Errorf("%s: got %s, %v", f, got, err)
		}
		seen[f] = true
		if a, b := write(t, sample(), f), write(t, sample(), f); a != b || a == "" {
			t.Errorf("%s: got %q, then %q", f, a, b)
		}
	}
	if got := slices.Sorted(maps.Keys(seen)); len(got) != 6 {
		t.Errorf("got %q", got)
	}
	if _, err := ParseFormat("xml"); err == nil || err.Error() != "want one of text, json, github, gitlab, junit, sarif" {
		t.Errorf("got %v", err)
	}
}
