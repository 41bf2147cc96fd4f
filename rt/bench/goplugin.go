package main

import (
	"fmt"
	"net/rpc"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/hashicorp/go-hclog"
	hashicorp "github.com/hashicorp/go-plugin"

	"github.com/witgen/witgen/rt/bench/remote"
)

// goPlugin calls a second process through HashiCorp's go-plugin and net/rpc.
type goPlugin struct {
	worker  *hashicorp.Client
	client  *rpc.Client
	request remote.Request
}

// workerDir is where worker has put the second process's program, if it has.
var workerDir string

// worker builds the second process's program, once, and returns its path.
var worker = sync.OnceValues(func() (path string, err error) {
	if workerDir, err = os.MkdirTemp("", "witgen-bench-*"); err != nil {
		return "", err
	}
	path = filepath.Join(workerDir, "worker")
	if out, err := exec.Command("go", "build", "-o", path, "./remote/worker").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// removeWorker removes what worker has built. No process may be started after it.
func removeWorker() {
	if workerDir != "" {
		os.RemoveAll(workerDir)
	}
}

func newGoPlugin() (peer, error) {
	g := &goPlugin{request: remote.Request{Input: processRequest.Input}}
	for _, o := range processRequest.Options {
		g.request.Options = append(g.request.Options, remote.Option{Name: o.F0, Value: o.F1})
	}
	path, err := worker()
	if err != nil {
		return nil, err
	}
	if err := g.start(path); err != nil {
		g.close()
		return nil, err
	}
	return g, nil
}

func (g *goPlugin) start(path string) error {
	g.worker = hashicorp.NewClient(&hashicorp.ClientConfig{
		HandshakeConfig: remote.Handshake,
		Plugins:         hashicorp.PluginSet{remote.Name: remote.Plugin{}},
		Cmd:             exec.Command(path),
		Logger:          hclog.NewNullLogger(),
	})
	protocol, err := g.worker.Client()
	if err != nil {
		return err
	}
	raw, err := protocol.Dispense(remote.Name)
	if err != nil {
		return err
	}
	g.client = raw.(*rpc.Client)
	return nil
}

func (g *goPlugin) add(a, b uint32) (sum uint32, err error) {
	err = g.client.Call("Plugin.Add", remote.Pair{A: a, B: b}, &sum)
	return sum, err
}

func (g *goPlugin) echo(s string) (out string, err error) {
	err = g.client.Call("Plugin.Echo", s, &out)
	return out, err
}

func (g *goPlugin) process() (string, bool, error) {
	var resp remote.Response
	err := g.client.Call("Plugin.Process", g.request, &resp)
	return resp.Output, resp.Success, err
}

func (g *goPlugin) close() { g.worker.Kill() }
