package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/witgen/witgen/rt/wasi"
)

// grants are what flags give a component: what it is started with, and what of
// the machine it may use.
type grants struct {
	env   []string
	dirs  []wasi.Dir
	rules []wasi.Rule

	settings wasi.SettingsMap
}

// grantsHelp is the part of a help that tells of the flags.
const grantsHelp = `  --env NAME=VALUE
                 a variable of the component's environment (repeatable). NAME
                 alone has the value that it has here, and PREFIX_* stands for
                 all that begin so
  --config KEY=VALUE
                 a setting that the component has by wasi:config (repeatable)
  --dir HOST[:GUEST][:ro|:rw]
                 a directory that the component may read, or with :rw change
                 too, and the path that it has for it (repeatable). Without
                 GUEST that is HOST
  --net RULE     something of the network that the component may use
                 (repeatable), such as tcp:example.com:443 or dns:*.example.com
`

// flags adds the flags.
func (g *grants) flags(fs *flag.FlagSet) {
	fs.Func("env", "", func(s string) error {
		vars, err := environment(s)
		g.env = append(g.env, vars...)
		return err
	})
	fs.Func("dir", "", func(s string) error {
		d, err := directory(s)
		g.dirs = append(g.dirs, d)
		return err
	})
	fs.Func("net", "", func(s string) error {
		rule, err := wasi.ParseRule(s)
		if err == nil {
			g.rules = append(g.rules, rule)
		}
		return err
	})
	fs.Func("config", "", func(s string) error {
		key, value, ok := strings.Cut(s, "=")
		if !ok || key == "" {
			return errors.New("want KEY=VALUE")
		}
		if g.settings == nil {
			g.settings = make(wasi.SettingsMap)
		}
		g.settings[key] = value
		return nil
	})
}

// environment returns the variables that an --env stands for.
func environment(s string) ([]string, error) {
	name, _, whole := strings.Cut(s, "=")
	switch {
	case name == "":
		return nil, errors.New("want NAME=VALUE, NAME or PREFIX_*")
	case whole:
		return []string{s}, nil
	}
	vars := wasi.HostEnv(s)
	if len(vars) == 0 && !strings.HasSuffix(s, "*") {
		return nil, fmt.Errorf("there is no variable %s here", s)
	}
	return vars, nil
}

// directory returns what a --dir stands for.
func directory(s string) (wasi.Dir, error) {
	paths, writes := strings.CutSuffix(s, ":rw")
	if !writes {
		paths = strings.TrimSuffix(s, ":ro")
	}
	d := wasi.Dir{Host: paths, Guest: paths, Write: writes}
	volume := filepath.VolumeName(paths) // which has a colon of its own
	if host, guest, ok := strings.Cut(paths[len(volume):], ":"); ok {
		d.Host, d.Guest = volume+host, guest
	}
	if d.Host == "" || d.Guest == "" || strings.Contains(d.Guest, ":") {
		return d, errors.New("want HOST, HOST:GUEST, or one of them and :ro or :rw")
	}
	return d, nil
}

// config returns what the component is given, with the streams of this process.
func (g *grants) config() wasi.Config {
	return wasi.Config{
		Env: g.env, Dirs: g.dirs, Network: wasi.Network{Rules: g.rules}, Settings: g.settings,
		Stdin: os.Stdin, Terminal: true,
	}
}
