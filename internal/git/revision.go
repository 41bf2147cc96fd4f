package git

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	minAbbreviated = 4  // digits of an ID
	maxCandidates  = 64 // objects that an abbreviated ID may be looked for among
	maxTags        = 16 // tags of tags
)

// Resolve returns the commit that a revision means: HEAD or @, a branch, a tag,
// a branch of a remote such as origin/main, any other ref, or the ID of a
// commit, which may be cut down to its first four digits or more. What follows
// it may be ~N, for so many steps to the first parent, ^N for the Nth parent,
// and ^{} or ^{commit}, which are always meant.
func (r *Repository) Resolve(revision string) (ID, error) {
	name, steps := revision, ""
	if n := strings.IndexAny(revision, "~^"); n >= 0 {
		name, steps = revision[:n], revision[n:]
	}
	id, err := r.start(name)
	if err == nil {
		id, err = r.walk(id, steps)
	}
	if err != nil {
		return ID{}, fmt.Errorf("revision %s: %w", revision, err)
	}
	return id, nil
}

// start returns the commit that a name without steps means.
func (r *Repository) start(name string) (ID, error) {
	if name == "@" {
		name = "HEAD"
	}
	if name == "" || strings.ContainsAny(name, "{:") {
		return ID{}, errors.New("want a branch, a tag or a commit")
	}
	if id, ok := parseID(name); ok {
		return r.peel(id)
	}
	id, ok, err := r.ref(name)
	switch {
	case err != nil:
		return ID{}, err
	case ok:
		return r.peel(id)
	case len(name) >= minAbbreviated && len(name) < 2*len(ID{}) && strings.Trim(name, "0123456789abcdefABCDEF") == "":
		return r.abbreviated(strings.ToLower(name))
	}
	return ID{}, r.unknown(name)
}

// unknown returns the error that nothing has a name.
func (r *Repository) unknown(name string) error {
	if strings.HasPrefix(name, "refs/") {
		return errors.New("there is no such ref")
	}
	if remote, branch, ok := strings.Cut(name, "/"); ok && slices.Contains(r.remotes, remote) {
		return fmt.Errorf("there is no such branch or tag; git fetch %s %s:refs/remotes/%s fetches it, and so does fetch-depth: 0 of actions/checkout",
			remote, branch, name)
	}
	const none = "there is no such branch, tag or commit"
	switch {
	case r.shallow:
		return errors.New(none + "; " + r.lacks)
	case len(r.remotes) > 0:
		remote := "origin"
		if !slices.Contains(r.remotes, remote) {
			remote = slices.Min(r.remotes)
		}
		return fmt.Errorf("%s; git fetch --tags %s fetches tags that are missing", none, remote)
	}
	return errors.New(none)
}

// abbreviated returns the only commit whose ID begins with some digits.
func (r *Repository) abbreviated(digits string) (ID, error) {
	var found []ID
	for _, s := range r.stores {
		ids, err := s.abbreviated(digits, maxCandidates)
		if err != nil {
			return ID{}, err
		}
		found = append(found, ids...)
	}
	slices.SortFunc(found, func(a, b ID) int { return slices.Compare(a[:], b[:]) })
	found = slices.Compact(found)
	var commits []ID
	for _, id := range found[:min(len(found), maxCandidates)] {
		if commit, err := r.peel(id); err == nil && !slices.Contains(commits, commit) {
			commits = append(commits, commit)
		}
	}
	switch {
	case len(found) == 0 && r.lacks != "":
		return ID{}, fmt.Errorf("%w; %s", errAbsent, r.lacks)
	case len(commits) == 0:
		return ID{}, errors.New("there is no such branch, tag or commit")
	case len(commits) > 1 || len(found) >= maxCandidates:
		return ID{}, errors.New("it may be several commits: give more digits")
	}
	return commits[0], nil
}

// peel returns the commit that an object is, or that it is a tag of.
func (r *Repository) peel(id ID) (ID, error) {
	for range maxTags {
		o, err := r.object(id)
		if err != nil {
			return ID{}, err
		}
		switch o.kind {
		case commitKind:
			return id, nil
		case tagKind:
			next, ok := header(o.data, "object")
			if !ok {
				return ID{}, fmt.Errorf("tag %s is of nothing", id)
			}
			id = next
		default:
			return ID{}, fmt.Errorf("it is a %s: want a commit", o.kind)
		}
	}
	return ID{}, errors.New("it is a tag of too many tags")
}

// walk goes from a commit to others, as ~ and ^ say.
func (r *Repository) walk(id ID, steps string) (ID, error) {
	for steps != "" {
		op := steps[0]
		steps = steps[1:]
		if rest, ok := strings.CutPrefix(steps, "{}"); ok && op == '^' {
			steps = rest
			continue
		}
		if rest, ok := strings.CutPrefix(steps, "{commit}"); ok && op == '^' {
			steps = rest
			continue
		}
		digits := steps[:len(steps)-len(strings.TrimLeft(steps, "0123456789"))]
		steps = steps[len(digits):]
		n := 1
		if digits != "" {
			var err error
			if n, err = strconv.Atoi(digits); err != nil {
				return ID{}, fmt.Errorf("%c%s is out of range", op, digits)
			}
		}
		if steps != "" && steps[0] != '~' && steps[0] != '^' {
			return ID{}, fmt.Errorf("%c is followed by %q: want a number", op, steps)
		}
		var err error
		if op == '^' {
			id, err = r.parent(id, n)
		} else {
			for ; n > 0 && err == nil; n-- {
				id, err = r.parent(id, 1)
			}
		}
		if err != nil {
			return ID{}, err
		}
	}
	return id, nil
}

// parent returns the nth parent of a commit, from 1; the commit itself for 0.
func (r *Repository) parent(id ID, n int) (ID, error) {
	if n == 0 {
		return id, nil
	}
	data, err := r.typed(id, commitKind)
	if err != nil {
		return ID{}, err
	}
	for k := 0; ; {
		line, rest, ok := bytes.Cut(data, []byte("\n"))
		if !ok || len(line) == 0 {
			return ID{}, fmt.Errorf("commit %s has %d parents", id, k)
		}
		if digits, found := bytes.CutPrefix(line, []byte("parent ")); found {
			if k++; k == n {
				parent, ok := parseID(string(digits))
				if !ok {
					return ID{}, fmt.Errorf("commit %s is damaged", id)
				}
				return parent, nil
			}
		}
		data = rest
	}
}

// header returns the ID that the first line of a commit or tag gives.
func header(data []byte, key string) (ID, bool) {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	digits, ok := bytes.CutPrefix(line, []byte(key+" "))
	if !ok {
		return ID{}, false
	}
	return parseID(string(digits))
}
