package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	_ "embed"

	api "github.com/witgen/witgen/examples/plugins/api/v0_2/plugin"
	"github.com/witgen/witgen/examples/plugins/guests"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// settings are those of a service. Dir has all there is: policy.yaml, the plugins
// in plugins, and in state and cache what the host keeps.
type settings struct {
	Dir      string
	Token    string // of operators
	Engine   rt.Config
	Logger   *slog.Logger
	Observer plugin.Observer
	Ramp     *plugin.Ramp // of plugins that are tried out; nil is what the policy says
}

// service is a host and its plugins by name.
type service struct {
	settings

	host  *plugin.Host
	slots map[string]*plugin.Slot[*api.Plugin]
}

// start starts a service with the plugins that its policy names.
func start(ctx context.Context, c settings) (*service, error) {
	if err := install(c.Dir); err != nil {
		return nil, err
	}
	file, err := policy.Read(filepath.Join(c.Dir, "policy.yaml"))
	if err != nil {
		return nil, err
	}
	c.Engine.CacheDir = filepath.Join(c.Dir, "cache")
	host, err := plugin.New(ctx, plugin.Config{
		Policy: file, Engine: c.Engine, Logger: c.Logger, Observer: c.Observer,
		StateDir: filepath.Join(c.Dir, "state"), // a restart goes on where this ends
	})
	if err != nil {
		return nil, err
	}
	s := &service{settings: c, host: host, slots: make(map[string]*plugin.Slot[*api.Plugin])}
	for _, name := range file.Names() {
		options := plugin.Options{
			Watch: true,   // load it when the file changes that the policy names
			Key:   userOf, // who has the same user has the same revision
		}
		if !file.Plugin(name).Canary.IsZero() {
			options.Ramp = c.Ramp
		}
		if s.slots[name], err = plugin.Add(ctx, host, name, world(), options); err != nil {
			return nil, errors.Join(err, s.close())
		}
	}
	return s, nil
}

// world is how plugins of this service are run: the generated package of their
// world, and what each instance imports.
func world() plugin.World[*api.Plugin] {
	return plugin.Of(api.Prepare, func() api.Imports { return api.Imports{HostAPI: hostAPI{}} })
}

// review reads the policy again and grants each plugin what it has there now. A
// plugin that does not start by it goes on by the one before.
func (s *service) review(ctx context.Context) error {
	file, err := policy.Read(filepath.Join(s.Dir, "policy.yaml"))
	if err != nil {
		return err
	}
	granted, err := s.host.Grant(ctx, file)
	for _, g := range granted {
		err = errors.Join(err, g.Err)
	}
	return err
}

// close waits for calls under way, and ends.
func (s *service) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return s.host.Close(ctx)
}

//go:embed policy.yaml
var firstPolicy []byte

// firstPlugins are in a new directory.
var firstPlugins = map[string]string{
	"resize": "rust/image-processor.wasm",
	"record": "js/data-processor.wasm",
	"label":  "c/image-processor.wasm",
}

// install makes what is missing in a directory.
func install(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "plugins"), 0o755); err != nil {
		return err
	}
	files := map[string][]byte{"policy.yaml": firstPolicy}
	for name, guest := range firstPlugins {
		wasm, err := guests.FS.ReadFile(guest)
		if err != nil {
			return err
		}
		files[filepath.Join("plugins", name+".wasm")] = wasm
	}
	for name, data := range files {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// userKey is for the user of a request, in its context.
type userKey struct{}

func userOf(ctx context.Context) string {
	user, _ := ctx.Value(userKey{}).(string)
	return user
}
