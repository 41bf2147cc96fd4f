package policy

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// identity is what of the rights makes one revision another than the next, in a
// fixed order.
type identity struct {
	World     string              `json:"world"`
	Limits    Limits              `json:"limits"`
	Reuse     Reuse               `json:"reuse"`
	FS        []Dir               `json:"fs,omitempty"`
	Net       []Rule              `json:"net,omitempty"`
	EnvAllow  []string            `json:"env_allow,omitempty"`
	EnvSet    map[string]string   `json:"env_set,omitempty"`
	KeyValue  []string            `json:"keyvalue,omitempty"`
	Logging   Level               `json:"logging,omitempty"`
	Config    map[string]string   `json:"config,omitempty"`
	HostCalls map[string]HostCall `json:"host_calls,omitempty"`
	Lifecycle Lifecycle           `json:"lifecycle"`
	Deny      Deny                `json:"deny"`
}

// Canonical returns the rights as JSON that is the same bytes for the same
// rights, however they were written, for the digest of a revision: with the
// values of the environment, once it is [Effective.Frozen], and of the config,
// and with paths of the host. It may have secrets in it. How revisions take over
// from each other and what becomes of calls without one is not in it.
func (e Effective) Canonical() []byte {
	id := identity{
		World: e.World, Limits: e.Limits, Reuse: e.Reuse, Net: e.Net,
		EnvSet: exact(e.Env.Set), Config: exact(e.Config), HostCalls: e.HostCalls,
		Lifecycle: e.Lifecycle, Deny: e.Deny, Logging: e.Logging,
	}
	for _, d := range e.FS {
		d.Host, d.Guest = exactly(d.Host), exactly(d.Guest)
		id.FS = append(id.FS, d)
	}
	for _, name := range e.Env.Allow {
		id.EnvAllow = append(id.EnvAllow, exactly(name))
	}
	for _, name := range e.KeyValue {
		id.KeyValue = append(id.KeyValue, exactly(name))
	}
	text, err := json.Marshal(id)
	if err != nil {
		panic("policy: " + err.Error()) // strings and numbers always have JSON
	}
	return text
}

func exact(values map[string]string) map[string]string {
	all := map[string]string{}
	for name, value := range values {
		all[exactly(name)] = exactly(value)
	}
	return all
}

// exactly returns a text that JSON keeps: of two that differ it must not make
// one, as it does where they are no UTF-8.
func exactly(s string) string {
	const mark = "hex:"
	if utf8.ValidString(s) && !strings.HasPrefix(s, mark) {
		return s
	}
	return mark + hex.EncodeToString([]byte(s))
}
