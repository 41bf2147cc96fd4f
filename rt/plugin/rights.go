package plugin

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin/internal/rollout"
	"github.com/witgen/witgen/rt/plugin/policy"
	"github.com/witgen/witgen/rt/wasi"
)

// rights is what a revision may do.
type rights struct {
	policy.Effective
	limits   rt.Limits
	wasi     wasi.Config
	notes    []policy.Note     // what of its policy it has not
	settings map[string]string // of the policy's host calls, for messages
	file     *policy.File      // that has the ceiling, and as a rule the policy
	state    string            // the directory that the host keeps for plugins; empty if there is none
}

// What a plugin has where neither its policy nor a profile says.
const (
	defaultInstances = 8
	defaultDeadline  = time.Second
)

// instances is how many instances may be there at once.
func (g *rights) instances() int {
	if g.Reuse == policy.Single {
		return 1
	}
	return cmp.Or(int(g.Limits.Instances), defaultInstances)
}

func (g *rights) deadline() time.Duration {
	return cmp.Or(time.Duration(g.Limits.Deadline), defaultDeadline)
}

// ramp is how a revision takes over that is loaded because its file changed; nil
// means at once.
func (g *rights) ramp() *Ramp {
	c := g.Canary
	if c.IsZero() {
		return nil
	}
	return &rollout.Ramp{
		Steps: c.Steps, MinSamples: int(c.MinSamples), Window: time.Duration(c.Window),
		Windows: int(c.Windows), Slower: c.Slower,
	}
}

// resolve returns what a component has by a policy, as far as it asks for it and
// the ceiling of a file lets anybody have it.
func (s *slot) resolve(info *rt.Info, granted *policy.Policy, file *policy.File) (*rights, error) {
	if err := granted.CheckWorld(s.host.Config.Engine.Versions, s.world.name, s.world.older...); err != nil {
		return nil, err
	}
	h := s.host
	e, notes := policy.Resolve(policy.RequestOf(info.Imports), *granted, file.Ceiling)
	g := &rights{Effective: e.Frozen(os.Environ()), notes: notes, file: file}
	if h.StateDir != "" {
		g.state = filepath.Join(h.StateDir, "plugins")
	}
	var err error
	if g.wasi, err = g.WASI(s.name, g.state); err != nil {
		return nil, err
	}
	output := wasi.Lines(h.Logger.With("plugin", s.name), slog.LevelInfo)
	g.wasi.Stdout, g.wasi.Stderr, g.wasi.Log = output, output, g.Logger(h.Logger.With("plugin", s.name))
	g.wasi.Settings, g.wasi.KeyValue = wasi.SettingsMap(g.Config), g.Buckets(h.KeyValue)
	if s.WASI != nil {
		s.WASI(&g.wasi)
	}
	if err := g.hasBuckets(); err != nil {
		return nil, err
	}
	if s.Learn != nil {
		s.Learn.Observe(&g.wasi)
	}
	g.settings = make(map[string]string, len(g.HostCalls))
	for key, h := range g.HostCalls {
		g.settings[key] = fmt.Sprintf("the policy's host_calls: %q: %s", key, h)
	}
	g.limits = g.Limits.RT()
	if err := g.Limits.CheckMemory(info.Memory); err != nil {
		return nil, &listed{"RT206", err}
	}
	return g, nil
}

// hasBuckets says so if there are no buckets where the policy grants some. What
// the host gives beyond that is not denied.
func (g *rights) hasBuckets() error {
	switch given := g.wasi.KeyValue != nil; {
	case !given && len(g.KeyValue) > 0:
		return fmt.Errorf("keyvalue: %s: the host has no store: see Config.KeyValue", strings.Join(g.KeyValue, ", "))
	case given:
		g.Denied = slices.DeleteFunc(g.Denied, func(name string) bool { return strings.HasPrefix(name, "wasi:keyvalue/") })
	}
	return nil
}

// budget returns what all instances of the slot share, of all revisions with the
// same limit.
func (s *slot) budget(most int64) *rt.Budget {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.memory == nil || s.memory.Limit() != most {
		s.memory = rt.NewBudget(most)
	}
	return s.memory
}

// deniedMemory is how often instances were denied memory because others have it.
func (s *slot) deniedMemory() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.host.engine.Memory().Denied
	if s.memory != nil {
		n += s.memory.Memory().Denied
	}
	return n
}

// makeDirs makes the directories that the host keeps for the plugin.
func (g *rights) makeDirs() error {
	for _, d := range g.wasi.Dirs {
		if g.state == "" || d.Host == "" {
			continue
		}
		if rest, err := filepath.Rel(g.state, d.Host); err == nil && filepath.IsLocal(rest) {
			if err := os.MkdirAll(d.Host, 0o700); err != nil {
				return err
			}
		}
	}
	return nil
}

// rations is what a call has left of what its policy bounds.
type rations struct {
	quotas  map[string][]*rt.Quota // by host function
	shared  map[string]*rt.Quota   // by key of the policy
	denied  string                 // the key by which a call of a host function was refused
	learned []learned
}

// quotas returns what a call has left for calls of a host function, as its policy
// says.
func (g *rights) quotas(c *call, function string) []*rt.Quota {
	if c.rations == nil {
		c.rations = &rations{quotas: make(map[string][]*rt.Quota), shared: make(map[string]*rt.Quota)}
	}
	has := c.rations
	if all, ok := has.quotas[function]; ok {
		return all
	}
	iface, name, _ := strings.Cut(function, "#")
	var all []*rt.Quota
	if c.revision.slot.Learn != nil && !strings.HasPrefix(function, "wasi:") {
		plain, _, _ := strings.Cut(iface, "@")
		q := &rt.Quota{Calls: math.MaxInt64, Bytes: math.MaxInt64}
		has.learned = append(has.learned, learned{plain + "." + name, q})
		all = append(all, q)
	}
	for _, key := range g.Keys(iface, name) {
		q := has.shared[key]
		if q == nil {
			h := g.HostCalls[key]
			q = &rt.Quota{Calls: -1, Bytes: math.MaxInt64, Setting: g.settings[key]}
			if h.PerCall > 0 {
				q.Calls = int64(h.PerCall)
			}
			if h.Deny {
				q.Calls = 0
			}
			if h.Bytes > 0 {
				q.Bytes = int64(h.Bytes)
			}
			has.shared[key] = q
		}
		all = append(all, q)
	}
	has.quotas[function] = all
	return all
}

// quotasOf finds the call that a context is of.
func (g *rights) quotasOf(ctx context.Context, function string) []*rt.Quota {
	c, ok := ctx.Value(callerKey{}).(*call)
	if !ok {
		return nil
	}
	all := g.quotas(c, function)
	if c.rations.denied == "" && slices.ContainsFunc(all, func(q *rt.Quota) bool { return q.Calls == 0 }) {
		c.deny(function)
	}
	return all
}

// deny tells that a call of a host function is refused: the guest traps.
func (c *call) deny(function string) {
	iface, name, _ := strings.Cut(function, "#")
	for _, key := range c.revision.rights.Keys(iface, name) {
		if c.rations.shared[key].Calls == 0 {
			c.rations.denied = key
			r := c.revision
			r.told("host_call", r.rights.ExplainCall(r.rights.file, r.slot.name, key))
			return
		}
	}
}

// learned is what a call took of a host function.
type learned struct {
	key  string // of a policy's host calls
	left *rt.Quota
}

// learn has what a call took be learned from.
func (c *lent) learn(took time.Duration) {
	in := c.lease.Instance.RT()
	run := policy.Run{Fuel: c.fuelUsed() - c.fuel, Memory: in.Memory().Peak, Took: took}
	var of []learned
	if c.rations != nil {
		of = c.rations.learned
	}
	for _, l := range of {
		if run.HostCalls == nil {
			run.HostCalls = make(map[string]policy.HostCall)
		}
		run.HostCalls[l.key] = policy.HostCall{
			PerCall: policy.Count(math.MaxInt64 - l.left.Calls), Bytes: policy.Size(math.MaxInt64 - l.left.Bytes),
		}
	}
	c.revision.slot.Learn.Run(run)
}
