// Command host runs a plugin: the shortest host there is for the contract of
// examples/plugins. Run it in the root of the repository.
//
//	go run ./examples/host examples/plugins/guests/rust/image-processor.wasm
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/witgen/witgen/examples/plugins/api/v0_2/hostapi"
	"github.com/witgen/witgen/examples/plugins/api/v0_2/plugin"
	"github.com/witgen/witgen/examples/plugins/api/v0_2/pluginapi"
	"github.com/witgen/witgen/rt"
)

type host struct{ hostapi.UnimplementedHostAPI } // add the methods that your plugins call

func run(ctx context.Context, wasm []byte) error {
	engine, err := rt.NewEngine(ctx, rt.Config{})
	if err != nil {
		return err
	}
	defer engine.Close(ctx)
	component, err := engine.Compile(ctx, wasm)
	if err != nil {
		return err
	}
	p, err := plugin.Instantiate(ctx, component, plugin.Imports{HostAPI: host{}}, rt.InstanceConfig{})
	if err != nil {
		return err
	}
	answer, err := p.PluginAPI.Process(ctx, pluginapi.ProcessRequest{Input: "gopher"}, pluginapi.ProcessOptions{})
	if err != nil {
		return err
	}
	fmt.Println(answer.Output)
	return nil
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: host PLUGIN.wasm")
		os.Exit(2)
	}
	wasm, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = run(context.Background(), wasm)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "host:", err)
		os.Exit(1)
	}
}
