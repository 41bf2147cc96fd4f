package policy

import "strings"

// Policy is what a plugin is granted, and how it is run.
type Policy struct {
	// Preset is the profile that has the limits which Limits has not; empty means
	// that of the file's defaults.
	Preset string `json:"preset,omitempty"`

	Source Source `json:"source,omitzero"`
	World  string `json:"world,omitempty"` // that it is for, as "ns:pkg/world@1.0.0" with what is compatible, or "ns:pkg/world" in any version; empty is any
	Limits Limits `json:"limits,omitzero"`
	Reuse  Reuse  `json:"reuse,omitempty"`

	FS  []Dir `json:"fs,omitempty"`
	Net Net   `json:"net,omitzero"`
	Env Env   `json:"env,omitzero"`

	// KeyValue has the names of the buckets that the plugin may open by
	// wasi:keyvalue, of the store that its host has; a name that ends in * stands
	// for all that begin so.
	KeyValue []string `json:"keyvalue,omitempty"`
	// Logging is the least level of what it writes by wasi:logging that is logged;
	// empty means that all of it is.
	Logging Level `json:"logging,omitempty"`

	// Config is what the plugin is given to configure itself.
	Config map[string]string `json:"config,omitempty"`

	// HostCalls bounds what calls of the host's functions take: of an interface,
	// "acme:kv/store", or of a function in it, "acme:kv/store.get". A version after
	// the interface is for the versions of its track alone. What is not here is bound by Limits alone:
	// which interfaces there are is said by the host's code.
	HostCalls map[string]HostCall `json:"host_calls,omitempty"`

	Lifecycle     Lifecycle   `json:"lifecycle,omitzero"`
	OnUnavailable Unavailable `json:"on_unavailable,omitempty"`
	Canary        Canary      `json:"canary,omitzero"`
	Deny          Deny        `json:"deny,omitempty"`
}

// Source says where the component comes from and how it is known to be right.
type Source struct {
	File     string `json:"file,omitempty"`     // from the directory of the policy file on: see [File.Path]
	Digest   string `json:"digest,omitempty"`   // "sha256:" and 64 hexadecimal digits
	Verify   string `json:"verify,omitempty"`   // the name of a verifier that the host has; without it nothing is loaded
	Identity string `json:"identity,omitempty"` // that the verifier is told, which says what it means
}

// Reuse says what instance serves a call.
type Reuse string

// The ways of reuse; empty means PerCall.
const (
	PerCall Reuse = "per-call" // a new one
	Pooled  Reuse = "pooled"   // any that is idle
	Single  Reuse = "single"   // the only one
)

// Mode says what may be done with a directory.
type Mode string

// The modes; empty means ReadOnly.
const (
	ReadOnly  Mode = "ro"
	ReadWrite Mode = "rw"
)

// Dir is a directory of the host that a plugin is given.
type Dir struct {
	// Host is its path on the host: absolute, or below "${state}", which is the
	// directory that the host has for what plugins keep. It has slashes on all
	// systems. What a component asks for has none.
	Host string `json:"host,omitempty"`
	// Guest is the path by which the plugin knows it: "/data".
	Guest string `json:"guest,omitempty"`
	Mode  Mode   `json:"mode,omitempty"`
	// Quota is how many bytes an instance may write; 0 means any number. See
	// [wasi.Dir].
	Quota Size `json:"quota,omitzero"`
}

// Env is what a plugin sees of an environment.
type Env struct {
	// Allow has names of variables of the host that are passed on if they are set;
	// a name that ends in * stands for all that begin so.
	Allow []string `json:"allow,omitempty"`
	// Set has variables by name. They go before the host's.
	Set map[string]string `json:"set,omitempty"`
}

// HostCall bounds what calls of a host function may take in one call of a plugin.
type HostCall struct {
	PerCall Count `json:"per_call,omitzero"` // calls
	Bytes   Size  `json:"bytes,omitzero"`    // that they are handed over
	Deny    bool  `json:"deny,omitempty"`    // there are none
}

// String returns it as a policy file has it: {per_call: 100, bytes: 1MiB}.
func (h HostCall) String() string {
	var all []string
	if h.Deny {
		all = append(all, "deny: true")
	}
	if h.PerCall > 0 {
		all = append(all, "per_call: "+h.PerCall.String())
	}
	if h.Bytes > 0 {
		all = append(all, "bytes: "+h.Bytes.String())
	}
	return "{" + strings.Join(all, ", ") + "}"
}

// Lifecycle names the functions of the plugin that its host calls of its own
// accord; empty means that there is none.
type Lifecycle struct {
	Init         string   `json:"init,omitempty"` // for each instance, with the config
	Stop         string   `json:"stop,omitempty"`
	StopDeadline Duration `json:"stop_deadline,omitzero"` // 0 means that of calls, or 1 s if that is less
	Metadata     string   `json:"metadata,omitempty"`
	Health       string   `json:"health,omitempty"`
}

// Unavailable says what becomes of calls while a plugin fails.
type Unavailable string

// The answers for a plugin that fails; empty means Closed.
const (
	Closed   Unavailable = "closed"   // they fail
	Open     Unavailable = "open"     // they are left out
	Fallback Unavailable = "fallback" // the host answers
)

// Canary says how a new revision takes over: at once if it is zero; else what it
// leaves out is as a ramp of package plugin has it.
type Canary struct {
	Steps      []float64 `json:"steps,omitempty"`      // shares of the calls, up to 1
	MinSamples Count     `json:"min_samples,omitzero"` // calls of either revision in each step
	Window     Duration  `json:"window,omitzero"`      // in which they are compared
	Windows    Count     `json:"windows,omitzero"`     // without doubt, in a row, that end a step
	Slower     float64   `json:"slower,omitzero"`      // how many times as long its calls may take
}

// IsZero reports whether a new revision takes over at once.
func (c Canary) IsZero() bool {
	return len(c.Steps) == 0 && c.MinSamples == 0 && c.Window == 0 && c.Windows == 0 && c.Slower == 0
}

// Deny says what becomes of imports of a component that its policy grants nothing
// of.
type Deny string

// The ways to deny; empty means Answer.
const (
	Answer Deny = "answer" // WASI's functions say that it is denied
	Refuse Deny = "refuse" // the component is not loaded
	Trap   Deny = "trap"   // it is stopped when it calls one
)
