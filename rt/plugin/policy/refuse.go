package policy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/witgen/witgen/wit"
)

// A component is refused by a host, before any of it is compiled, for what these
// return. They are the words of hosts and of commands that say what a host would do.

// CheckSize returns an error if a component of so many bytes is larger than
// Component.
func (l Limits) CheckSize(component int64) error {
	if l.Component > 0 && component > int64(l.Component) {
		return fmt.Errorf("has %s, limit %s: raise limits.component", Size(component), l.Component)
	}
	return nil
}

// CheckMemory returns an error if an instance has more bytes of memory before its
// first code runs than Memory.
func (l Limits) CheckMemory(atStart uint64) error {
	if l.Memory > 0 && atStart > uint64(l.Memory) {
		return fmt.Errorf("needs %s of memory at start, limit %s: raise limits.memory", Size(atStart), l.Memory)
	}
	return nil
}

// CheckDigest returns an error if the source has a Digest, and another one than a
// component has.
func (s Source) CheckDigest(component string) error {
	if s.Digest != "" && s.Digest != component {
		return fmt.Errorf("digest %s is not the pinned %s", component, s.Digest)
	}
	return nil
}

// Refused returns the imports that keep the component from being loaded: those of
// Denied, with Deny that refuses.
func (e Effective) Refused() []string {
	if e.Deny != Refuse {
		return nil
	}
	return e.Denied
}

// CheckWorld returns an error if the policy is for another world than a host's, and the
// older versions of that which it serves too. It is for all versions if it names none, and
// else for those by which components of its version are linked.
func (p Policy) CheckWorld(m wit.Matching, world string, older ...string) error {
	if p.World == "" {
		return nil
	}
	served := append([]string{world}, older...)
	if !strings.Contains(p.World, "@") {
		for i, name := range served {
			served[i], _, _ = strings.Cut(name, "@")
		}
	}
	_, ok := wit.NewNames(m, served).Find(p.World)
	switch {
	case ok:
		return nil
	case world == "":
		return fmt.Errorf("world: the policy is for %s, and the host's world has no name", p.World)
	}
	text := "world: the policy is for " + p.World + ", and the host has " + world
	if len(older) > 0 {
		text += " and older ones: " + strings.Join(older, ", ")
	}
	return errors.New(text)
}
