package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// rightsReport is what a component has by a policy file, for people and as JSON.
type rightsReport struct {
	Plugin  string        `json:"plugin"`
	Rights  policy.Policy `json:"rights"`
	Cut     []string      `json:"cut,omitempty"`
	Denied  []string      `json:"denied,omitempty"`
	Refused []string      `json:"refused,omitempty"`

	effective policy.Effective
}

// rightsOf returns what the component at a path has by a policy file as a plugin.
func rightsOf(wasm []byte, path, file, plugin string) (*rightsReport, error) {
	f, err := policy.Read(file)
	if err != nil {
		return nil, err
	}
	if plugin == "" {
		if plugin, err = pluginAt(f, file, path); err != nil {
			return nil, err
		}
	} else if err := f.Known(plugin); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	info, err := rt.Inspect(wasm)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if info.Err != nil {
		return nil, fmt.Errorf("%s: %w", path, info.Err)
	}
	granted := f.Plugin(plugin)
	e, notes := policy.Resolve(policy.RequestOf(info.Imports), granted, f.Ceiling)
	r := &rightsReport{Plugin: plugin, Rights: e.Policy(), effective: e}
	for _, n := range notes {
		r.Cut = append(r.Cut, n.String())
	}
	for _, name := range e.Denied {
		r.Denied = append(r.Denied, e.ExplainImport(f, plugin, name, notes).Error())
	}
	r.Refused = refusals(info, wasm, granted, e)
	return r, nil
}

// refusals are why a host would not load the component.
func refusals(info *rt.Info, wasm []byte, granted policy.Policy, e policy.Effective) (all []string) {
	for _, err := range []error{
		e.Limits.CheckMemory(info.Memory), e.Limits.CheckSize(int64(len(wasm))),
		granted.Source.CheckDigest(fmt.Sprintf("sha256:%x", sha256.Sum256(wasm))),
	} {
		if err != nil {
			all = append(all, err.Error())
		}
	}
	if len(e.Refused()) > 0 {
		all = append(all, "imports what is denied, with deny: refuse")
	}
	return all
}

// pluginAt returns the plugin whose source is the file at a path, or the only one
// of the policy file.
func pluginAt(f *policy.File, file, path string) (string, error) {
	var found []string
	for _, name := range f.Names() {
		if source := f.Path(f.Plugins[name].Source.File); source != "" && sameFile(source, path) {
			found = append(found, name)
		}
	}
	if len(found) == 0 && len(f.Plugins) == 1 {
		found = f.Names()
	}
	if len(found) != 1 {
		return "", fmt.Errorf("%s: which plugin is it? --plugin %s", file, cmp.Or(strings.Join(f.Names(), ", or --plugin "), "NAME"))
	}
	return found[0], nil
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// print prints the rights as a policy file, with all else as comments.
func (r *rightsReport) print(w io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	f := policy.File{Version: policy.Version, Plugins: map[string]policy.Policy{r.Plugin: r.Rights}}
	text, err := f.YAML()
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, part := range []struct {
		what  string
		lines []string
	}{{"refused", r.Refused}, {"denied", r.Denied}, {"cut", r.Cut}} {
		for _, line := range part.lines {
			printf(&b, "# %s: %s\n", part.what, safe(strings.TrimPrefix(line, part.what+": ")))
		}
	}
	b.Write(text)
	_, err = io.WriteString(w, b.String())
	return err
}

// pluginName returns a name for the component at a path that a policy file may
// have.
func pluginName(path string) string {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	name = strings.Map(func(c rune) rune {
		if c == '-' || c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' {
			return c
		}
		return '-'
	}, name)
	return cmp.Or(strings.TrimLeft(name[:min(len(name), 128)], "-_"), "plugin")
}
