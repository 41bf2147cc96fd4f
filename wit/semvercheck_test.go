package wit_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/compat"
)

// semverDiffers are the rows in which package compat finds less or more than
// wasm-tools, and why: by direction, for imports and exports.
var semverDiffers = map[string]string{
	"19-unused-type-changed": "no value of the type is ever passed, so that it is info alone",
	"30-type-added":          "hosts do not ask for types but resources, so that it is info alone",
	"50-export-import":       "wasm-tools lets exports go",
}

// semverCannot are the rows that wasm-tools 1.230.0 does not take.
var semverCannot = map[string]string{
	"05-async-sync":             "async is off",
	"05-sync-async":             "async is off",
	"12-list-of-a-fixed-length": "lists of a fixed length are off",
	"27-flags-32-33":            "33 flags are not valid",
	"43-constructor-result":     "constructors have no results",
	"54-resource-moved":         "both versions of an interface that others use would have one name",
	"54-type-moved":             "as the row before",
	"54-type-moved-away":        "as the row before",
	"55-package-renamed":        "both packages would be in one file",
	"55-package-version-added":  "both packages would be in one file",
	"55-package-version-gone":   "both packages would be in one file",
	"56-version-bump":           "both versions would be in one file",
	"56-version-bump-too-small": "both versions would be in one file",
	"57-unstable-added":         "both versions of an interface would have one name",
	"57-unstable-changed":       "as the row before",
	"57-unstable-removed":       "as the row before",
	"57-unstable-shipped":       "as the row before",
	"58-world-removed":          "it is about two worlds alone",
	"58-world-renamed":          "it is about two worlds alone",
	"59-interface-removed":      "it is about two worlds alone",
}

// TestConformanceSemverCheck compares what package compat finds in each of its
// rows with the verdict of wasm-tools component semver-check, for an old guest
// on a new host and, with the sides exchanged, for a new guest on an old host.
func TestConformanceSemverCheck(t *testing.T) {
	dirs, err := filepath.Glob("compat/testdata/rows/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no rows: %v", err)
	}
	asked, differ := 0, make(map[string]bool)
	for _, dir := range dirs {
		name := filepath.Base(dir)
		if semverCannot[name] != "" {
			continue
		}
		old, now := readText(t, filepath.Join(dir, "old.wit")), readText(t, filepath.Join(dir, "new.wit"))
		one := strings.Contains(old, "interface api {")
		for _, role := range []compat.Role{compat.Imports, compat.Exports} {
			if role == compat.Exports && !one {
				continue // the worlds say which role it is
			}
			text := worldsOf(old, now, role)
			if text == "" {
				t.Errorf("%s: it has no worlds to compare", name)
				continue
			}
			file := filepath.Join(t.TempDir(), "a.wit")
			if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			ours := oursOf(t, dir, role, one)
			for i, d := range []compat.Direction{compat.ToGuests, compat.ToHosts} {
				worlds := []string{"prev", "next"}
				_, err := wasmTools(t, "component", "semver-check", "--prev", worlds[i], "--new", worlds[1-i], absolute(t, file))
				if err != nil && !strings.Contains(err.Error(), "mismatch") && !strings.Contains(err.Error(), "missing") {
					t.Fatalf("%s: %v\n%s", name, err, text)
				}
				asked++
				switch {
				case (err != nil) == ours[d]:
				case semverDiffers[name] != "":
					differ[name] = true
				default:
					t.Errorf("%s: %s, %s: we find a break: %v; wasm-tools: %v", name, role, d, ours[d], err)
				}
			}
		}
	}
	for name, why := range semverDiffers {
		if !differ[name] {
			t.Errorf("%s does not differ: %s", name, why)
		}
	}
	if asked < 200 {
		t.Errorf("wasm-tools gave %d verdicts, there are more", asked)
	}
}

func readText(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// worldsOf returns a package in which two worlds, prev and next, have the two
// sides of a row. An interface that differs is written in them, since it cannot
// be there twice.
func worldsOf(old, now string, role compat.Role) string {
	verb := strings.TrimSuffix(string(role), "s")
	if _, rest, ok := strings.Cut(old, "interface api {\n"); ok {
		was, _, _ := strings.Cut(rest, "\n}\n\nworld host")
		_, rest, _ = strings.Cut(now, "interface api {\n")
		is, _, _ := strings.Cut(rest, "\n}\n\nworld host")
		return "package acme:kv@2.0.0;\nworld prev { " + verb + " api: interface {\n" + was + "\n} }\nworld next { " + verb + " api: interface {\n" + is + "\n} }\n"
	}
	interfaces, was, ok := strings.Cut(old, "world plugin {")
	others, is, ok2 := strings.Cut(now, "world plugin {")
	if !ok || !ok2 || !strings.HasPrefix(others, interfaces) {
		return ""
	}
	return others + "world prev {" + was + "\nworld next {" + is
}

// oursOf returns the directions in which package compat finds a break in a row.
// Where one interface differs, that is in one role.
func oursOf(t *testing.T, dir string, role compat.Role, oneInterface bool) map[compat.Direction]bool {
	t.Helper()
	var sides []*wit.Package
	for _, name := range []string{"old.wit", "new.wit"} {
		p, err := wit.Load(filepath.Join(dir, name), wit.Options{AllFeatures: true})
		if err != nil {
			t.Fatal(err)
		}
		sides = append(sides, p)
	}
	breaks := make(map[compat.Direction]bool)
	for _, f := range compat.Compare(sides[0], sides[1], compat.Options{}) {
		if f.Severity != compat.Info && (!oneInterface || f.Role == role) {
			breaks[f.Direction] = true
		}
	}
	return breaks
}
