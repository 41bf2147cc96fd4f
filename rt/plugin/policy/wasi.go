package policy

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/witgen/witgen/rt/wasi"
)

// WASI returns what an instance of a plugin is given of WASI: its standard input
// is at its end, and its output goes nowhere, which is for the caller to change.
// The plugin's name is its only argument. Directories are those of the host,
// which have to be there when an instance starts; state is the directory that
// "${state}" stands for. The environment has to be [Effective.Frozen].
//
// The config may be changed, and is for [wasi.Imports] of any number of instances.
func (e Effective) WASI(name, state string) (wasi.Config, error) {
	if len(e.Env.Allow) > 0 {
		return wasi.Config{}, fmt.Errorf("plugin %s: the environment is not frozen", name)
	}
	c := wasi.Config{
		Args:      []string{name},
		OpenFiles: atMost(e.Limits.OpenFiles),
		Network:   wasi.Network{MaxSockets: atMost(e.Limits.Sockets)},
		HTTP: wasi.HTTPClient{
			MaxRequests:     atMost(e.Limits.Requests),
			MaxRequestBody:  int64(e.Limits.RequestBody),
			MaxResponseBody: int64(e.Limits.ResponseBody),
		},
	}
	for _, variable := range slices.Sorted(maps.Keys(e.Env.Set)) {
		c.Env = append(c.Env, variable+"="+e.Env.Set[variable])
	}
	for _, r := range e.Net {
		c.Network.Rules = append(c.Network.Rules, r.Rule)
	}
	for _, d := range e.FS {
		host := d.Host
		if rest, ok := below(host, stateRoot); ok {
			if state == "" {
				return wasi.Config{}, fmt.Errorf("plugin %s: fs %s: the host has no directory for state", name, d.Host)
			}
			host = filepath.Join(state, filepath.FromSlash(rest))
		}
		c.Dirs = append(c.Dirs, wasi.Dir{
			Host: filepath.FromSlash(host), Guest: d.Guest, Write: d.Mode == ReadWrite, Quota: int64(d.Quota),
		})
	}
	return c, nil
}
