package git

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// maxSymbolic is how many refs lead to one another at most. It is git's own
// limit.
const maxSymbolic = 5

// places are where a ref that is not given in full may be, the likeliest
// first. See gitrevisions(7).
var places = []string{"%s", "refs/%s", "refs/tags/%s", "refs/heads/%s", "refs/remotes/%s", "refs/remotes/%s/HEAD"}

// ref returns what a ref is the name of, in full or in part; ok is false if
// there is no such ref.
func (r *Repository) ref(name string) (id ID, ok bool, err error) {
	for _, place := range places {
		full := fmt.Sprintf(place, name)
		if !validRef(full) {
			continue
		}
		if id, ok, err = r.full(full, 0); ok || err != nil {
			return id, ok, err
		}
	}
	return ID{}, false, nil
}

// full is ref for a name that is given in full.
func (r *Repository) full(name string, depth int) (ID, bool, error) {
	if depth > maxSymbolic {
		return ID{}, false, fmt.Errorf("ref %s: refs lead to one another", name)
	}
	text, err := readSmall(filepath.Join(r.home(name), filepath.FromSlash(name)))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return r.packed(name)
	case err != nil:
		return ID{}, false, err
	}
	text = strings.TrimRight(text, " \t\r\n")
	if target, ok := strings.CutPrefix(text, "ref:"); ok {
		target = strings.TrimSpace(target)
		if !validRef(target) {
			return ID{}, false, fmt.Errorf("ref %s leads to %q, which is no name of a ref", name, target)
		}
		id, ok, err := r.full(target, depth+1)
		if err == nil && !ok && name == "HEAD" {
			err = fmt.Errorf("%s has no commit yet", target)
		}
		return id, ok, err
	}
	// What was fetched has more on its lines, of which the first counts.
	first, _, _ := strings.Cut(text, "\n")
	first, _, _ = strings.Cut(first, "\t")
	id, ok := parseID(first)
	if !ok {
		return ID{}, false, fmt.Errorf("ref %s is damaged: it is not the ID of an object", name)
	}
	return id, true, nil
}

// home returns the directory that has a ref in it: some are of one working
// tree.
func (r *Repository) home(name string) string {
	if !strings.HasPrefix(name, "refs/") {
		return r.own
	}
	for _, prefix := range []string{"refs/bisect/", "refs/worktree/", "refs/rewritten/"} {
		if strings.HasPrefix(name, prefix) {
			return r.own
		}
	}
	return r.common
}

// packed looks for a ref in the file of those that have none of their own.
func (r *Repository) packed(name string) (ID, bool, error) {
	text, err := readSmall(filepath.Join(r.common, "packed-refs"))
	if errors.Is(err, os.ErrNotExist) {
		return ID{}, false, nil
	}
	if err != nil {
		return ID{}, false, err
	}
	for line := range strings.Lines(text) {
		digits, have, ok := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		if !ok || have != name || digits == "#" || strings.HasPrefix(digits, "^") {
			continue
		}
		id, ok := parseID(digits)
		if !ok {
			return ID{}, false, fmt.Errorf("packed-refs: ref %s is not the ID of an object", name)
		}
		return id, true, nil
	}
	return ID{}, false, nil
}

// validRef reports whether a name may be that of a ref: something below refs,
// or one in capitals such as HEAD. None leads out of the repository.
func validRef(name string) bool {
	if !strings.HasPrefix(name, "refs/") {
		return name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == ""
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part[0] == '.' || strings.HasSuffix(part, ".lock") || strings.HasSuffix(part, ".") {
			return false
		}
	}
	for _, c := range name {
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	return !strings.ContainsAny(name, ` ~^:?*[\`) && !strings.Contains(name, "..") && !strings.Contains(name, "@{")
}
