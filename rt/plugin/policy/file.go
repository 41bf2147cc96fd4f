package policy

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/witgen/witgen/rt/internal/near"
	"github.com/witgen/witgen/rt/plugin/policy/internal/yamltext"
)

// Version is that of the files which this package reads and writes.
const Version = 1

// File is what a policy file says. It may be made in Go too, or read from JSON:
// see [File.Check].
type File struct {
	Version  int               `json:"version"`
	Ceiling  Ceiling           `json:"ceiling,omitzero"`
	Defaults Defaults          `json:"defaults,omitzero"`
	Plugins  map[string]Policy `json:"plugins,omitempty"`

	// Dir is what the paths in a [Source] are relative to: see [File.Path]. Read
	// sets it; empty is the directory that the process is in.
	Dir string `json:"-"`

	document *yamltext.Document // that it was read from
}

// Ceiling is what no plugin has more of, whatever its policy says. A list that is
// not there cuts nothing, an empty one everything.
type Ceiling struct {
	Limits
	HostMemory Size                `json:"host_memory,omitzero"` // of all instances of all plugins
	FS         []Dir               `json:"fs,omitzero"`          // by paths of the host; guests' are anything
	Net        *Net                `json:"net,omitempty"`
	Env        *Env                `json:"env,omitempty"`
	KeyValue   []string            `json:"keyvalue,omitzero"`
	Logging    Level               `json:"logging,omitempty"` // the least that any plugin may write
	HostCalls  map[string]HostCall `json:"host_calls,omitempty"`
}

// Defaults is for what policies do not say.
type Defaults struct {
	Preset string `json:"preset,omitempty"` // the name of a profile; empty means Restricted
}

// Error is something wrong in a file: where, and what.
type Error = yamltext.Error

// Errors is all that is wrong in a file, in its order.
type Errors = yamltext.Errors

// Parse reads a file, whose name is for errors alone. Unknown keys, keys that are
// there twice, values of another type, units that are none and all that
// [File.Check] refuses are errors, [Errors], each with its place and all of them
// at once. Anchors and aliases are not read, nor are more than 1 MiB.
func Parse(name string, data []byte) (*File, error) {
	f := &File{}
	document, err := yamltext.Read(name, data, f)
	if f.document = document; err != nil {
		return nil, err
	}
	for _, p := range f.problems() {
		document.Add(p.path, p.message)
	}
	if err := document.Err(); err != nil {
		return nil, err
	}
	return f, nil
}

// Read is Parse of the file at a path, to whose directory the paths in Source are
// relative: see [File.Path].
func Read(path string) (*File, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	in, err := os.Open(abs)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, yamltext.MaxBytes+1))
	if err != nil {
		return nil, err
	}
	f, err := Parse(path, text)
	if err != nil {
		return nil, err
	}
	f.Dir = filepath.Dir(abs)
	return f, nil
}

// Path returns a path that the file has in a [Source] as the system has it: from
// Dir on, unless it is absolute.
func (f *File) Path(source string) string {
	source = filepath.FromSlash(source)
	if source == "" || f.Dir == "" || filepath.IsAbs(source) {
		return source
	}
	return filepath.Join(f.Dir, source)
}

// YAML returns the file as Parse reads it.
func (f *File) YAML() ([]byte, error) { return yamltext.Write(*f) }

// Plugin returns the policy of a plugin with the limits of its profile where it
// has none. A plugin that the file does not know has the limits of [Restricted]
// and nothing else, whatever the defaults are.
func (f *File) Plugin(name string) Policy {
	p, ok := f.Plugins[name]
	switch {
	case !ok:
		p.Preset = Restricted
	case p.Preset == "" && f.Defaults.Preset != "":
		p.Preset = f.Defaults.Preset
	case p.Preset == "":
		p.Preset = Restricted
	}
	limits, ok := Profile(p.Preset)
	if !ok {
		limits, _ = Profile(Restricted) // of a file that was never checked
	}
	p.Limits = p.Limits.Or(limits)
	return p
}

// Known returns an error that says so if the file has no plugin of a name, and
// which name it may have been meant to be.
func (f *File) Known(name string) error {
	if _, ok := f.Plugins[name]; ok {
		return nil
	}
	hint := "it has " + strings.Join(f.Names(), ", ")
	if len(f.Plugins) == 0 {
		hint = "it has none"
	}
	if meant := near.Name(name, f.Names()); meant != "" {
		hint = "did you mean " + meant + "?"
	}
	return fmt.Errorf("there is no plugin %s; %s", name, hint)
}

// Names returns the names of the plugins, in order.
func (f *File) Names() []string { return slices.Sorted(maps.Keys(f.Plugins)) }

// At returns "file:line" of a key, as in "plugins.greeter.net", or of what is
// around it; empty for a file that was not parsed.
func (f *File) At(key string) string {
	if f.document == nil {
		return ""
	}
	return f.document.At(key)
}
