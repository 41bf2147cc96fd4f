// Command plugins loads plugins that were written in Rust, Go, C and
// JavaScript for one contract, wit/plugins.wit, and puts each to work. Some were
// built for version 0.2 of it and some for version 0.1; the host is written for
// 0.2 alone. Then it shows what a host sees of plugins that go wrong.
//
//	go run ./examples/plugins
package main

//go:generate go run ../../cmd/witgen generate wit --world plugin --out api --versions 0.1,0.2

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"

	"github.com/witgen/witgen/examples/plugins/api/v0_2/plugin"
	"github.com/witgen/witgen/examples/plugins/api/v0_2/pluginapi"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
)

//go:embed guests/*/*.wasm
var guests embed.FS

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "plugins:", err)
		os.Exit(1)
	}
}

// run loads every plugin and writes to w what it does.
func run(ctx context.Context, w io.Writer) error {
	engine, err := rt.NewEngine(ctx, rt.Config{})
	if err != nil {
		return err
	}
	defer engine.Close(ctx)

	fmt.Fprintln(w, "Plugins that do their work:")
	if err := showWork(ctx, w, engine); err != nil {
		return err
	}
	fmt.Fprintln(w, "\nPlugins that do not:")
	return showFailures(ctx, w, engine)
}

// showWork runs all plugins at once and writes their reports in order.
func showWork(ctx context.Context, w io.Writer, engine *rt.Engine) error {
	files, err := fs.Glob(guests, "guests/*/*-processor.wasm")
	if err != nil {
		return err
	}
	reports := make([]strings.Builder, len(files))
	errs := make([]error, len(files))
	var wg sync.WaitGroup
	for i, file := range files {
		wg.Go(func() { errs[i] = work(ctx, &reports[i], engine, file) })
	}
	wg.Wait()
	for i, file := range files {
		if errs[i] != nil {
			return fmt.Errorf("%s: %w", file, errs[i])
		}
		io.WriteString(w, reports[i].String())
	}
	return nil
}

// work loads a plugin and uses it.
func work(ctx context.Context, w io.Writer, engine *rt.Engine, file string) error {
	p, err := load(ctx, engine, file, &host{out: w, config: map[string]string{"database_url": "postgres://localhost/demo"}})
	if err != nil {
		return err
	}
	defer p.Close(ctx)
	return use(ctx, w, path.Base(path.Dir(file)), p)
}

// use asks a plugin who it is and has it process a request.
func use(ctx context.Context, w io.Writer, language string, p *plugin.Plugin) error {
	meta, err := p.PluginAPI.GetMetadata(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: %s %s, %s, built for version %s\n", language, meta.Name, meta.Version, meta.Description, builtFor(p))
	if err := p.PluginAPI.Initialize(ctx, []cm.Tuple2[string, string]{cm.T2("max-width", "1920")}); err != nil {
		return err
	}
	req := pluginapi.ProcessRequest{Input: "cat.png"}
	answer, err := p.PluginAPI.Process(ctx, req, pluginapi.ProcessOptions{BudgetMs: cm.Some[uint32](1000)})
	if errors.Is(err, rt.ErrLossy) { // version 0.1 has no budgets, and what the host does without is for it to say
		fmt.Fprintf(w, "  without a budget: %v\n", err)
		answer, err = p.PluginAPI.Process(ctx, req, pluginapi.ProcessOptions{})
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "  %s\n", answer.Output)
	return p.PluginAPI.Shutdown(ctx)
}

// load reads a plugin and starts an instance of it.
func load(ctx context.Context, engine *rt.Engine, file string, h *host) (*plugin.Plugin, error) {
	wasm, err := guests.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return start(ctx, engine, wasm, h)
}

// start starts an instance of a component.
func start(ctx context.Context, engine *rt.Engine, wasm []byte, h *host) (*plugin.Plugin, error) {
	component, err := engine.Compile(ctx, wasm)
	if err != nil {
		return nil, err
	}
	return plugin.Instantiate(ctx, component, plugin.Imports{HostAPI: h}, rt.InstanceConfig{Imports: wasiImports()})
}

// builtFor returns the version of the contract that a plugin was built for. That is for
// show: the bindings take care of it.
func builtFor(p *plugin.Plugin) string {
	_, version, _ := strings.Cut(p.RT().World(), "@")
	return version
}
