package findings

import (
	"encoding/json"
	"reflect"
	"testing"
)

// TestProblems has a command that cannot do its work say so in whole documents.
func TestProblems(t *testing.T) {
	r := &Report{Command: "witgen check", Subject: "wit", Below: "sub", Problems: []Problem{
		{Place{"wit/a b.wit", 12, 4}, "expected a name,\nfound \"<f>\""}, {Message: "no world"},
	}}
	for f, want := range map[Format]string{
		Text: "", JSON: "", // who reads those is told by the command
		GitHub: "::error file=sub/wit/a b.wit,line=12,col=4,title=witgen check::expected a name,%0Afound \"<f>\"\n::error title=witgen check::no world\n",
		JUnit: `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="witgen check" tests="1" failures="0" errors="1">
    <testcase name="wit" classname="witgen check">
      <error message="expected a name, found &#34;&lt;f&gt;&#34;" type="witgen check">wit/a b.wit:12:4: expected a name,&#xA;found &#34;&lt;f&gt;&#34;&#xA;no world</error>
    </testcase>
  </testsuite>
</testsuites>
`,
	} {
		if got := write(t, r, f); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", f, got, want)
		}
	}

	var issues []map[string]any
	if err := json.Unmarshal([]byte(write(t, r, GitLab)), &issues); err != nil || len(issues) != 2 {
		t.Fatal(issues, err)
	}
	if issues[0]["fingerprint"] == issues[1]["fingerprint"] {
		t.Errorf("two problems have the fingerprint %v", issues[0]["fingerprint"])
	}
	for n, want := range []string{
		`{"description": "expected a name,\nfound \"<f>\"", "check_name": "witgen check", "severity": "blocker", "location": {"path": "sub/wit/a b.wit", "lines": {"begin": 12}}}`,
		`{"description": "no world", "check_name": "witgen check", "severity": "blocker", "location": {"path": "sub/wit", "lines": {"begin": 1}}}`,
	} {
		delete(issues[n], "fingerprint")
		same(t, issues[n], want)
	}

	var log struct{ Runs []map[string]any }
	if err := json.Unmarshal([]byte(write(t, r, SARIF)), &log); err != nil {
		t.Fatal(err)
	}
	same(t, log.Runs[0]["results"], `[]`)
	same(t, log.Runs[0]["invocations"], `[{"executionSuccessful": false, "toolExecutionNotifications": [
		{"level": "error", "message": {"text": "expected a name,\nfound \"<f>\""}, "locations": [{"physicalLocation":
			{"artifactLocation": {"uri": "sub/wit/a%20b.wit", "uriBaseId": "%SRCROOT%"}, "region": {"startLine": 12}}}]},
		{"level": "error", "message": {"text": "no world"}}]}]`)
}

// same compares a value with one in JSON.
func same(t *testing.T, got any, want string) {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(want), &v); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, v) {
		t.Errorf("got %v, want %v", got, v)
	}
}
