package wast

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// script is a list of commands.
type script struct {
	Commands []command
}

// command is one command of a script; which fields it has depends on its type.
type command struct {
	Type        string
	Line        int
	Filename    string // of a binary beside the script
	Name        string // of what it makes
	Instance    string // the name that component_instance gives
	Component   string // the definition that is instantiated
	As          string // the name that register gives
	Text        string // of a failure
	ModuleType  string `json:"module_type"`
	Unconverted string // why there is no binary
	Action      action
	Expected    []json.RawMessage
}

// action is a call.
type action struct {
	Type     string
	Instance string // empty for the current one
	Field    string
	Args     []json.RawMessage
}

var errNoScript = errors.New(`no script: there is no list "commands" in it`)

// readScript reads a script.
func readScript(file string) (*script, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var s script
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if s.Commands == nil {
		return nil, fmt.Errorf("%s: %w", file, errNoScript)
	}
	return &s, nil
}

// Files returns the scripts at the paths: files as they are given, and of
// directories each file *.json in them, at any depth, that has a list of
// commands.
func Files(paths ...string) ([]string, error) {
	var files []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, path)
			continue
		}
		err = filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(file, ".json") && isScript(file) {
				files = append(files, file)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// isScript reports whether a JSON file is a script. One that cannot be read is
// taken for one, so that somebody hears of it.
func isScript(file string) bool {
	text, err := os.ReadFile(file)
	if err != nil {
		return true
	}
	var s struct{ Commands *json.RawMessage }
	return json.Unmarshal(text, &s) == nil && s.Commands != nil
}
