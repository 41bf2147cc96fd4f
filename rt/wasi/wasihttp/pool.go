package wasihttp

import (
	"context"
	"log/slog"
	"sync"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/wasi"
	"github.com/witgen/witgen/rt/wasi/p2/http/incominghandler"
)

// world returns what a component is linked to, once for all instances: it
// exports the handler, and imports WASI unless something comes before that.
func world(o Options) rt.World {
	w := rt.World{Name: "wasi:http/proxy@0.2.12", Exports: []*abi.Interface{incominghandler.Interface}}
	if o.Imports == nil {
		for _, im := range wasi.Imports(o.WASI) {
			w.Imports = append(w.Imports, im.Interface)
		}
	}
	return w
}

// instance is an instance of the component.
type instance struct {
	incominghandler.IncomingHandler
	in       *rt.Instance
	messages *messages
	served   int
}

// pool makes instances, and keeps those that may serve again.
type pool struct {
	linked *rt.Linked
	o      Options

	mu     sync.Mutex
	idle   []*instance // the last one was used last
	closed bool
}

// get returns an instance for one request, which logs to log.
func (p *pool) get(ctx context.Context, log *slog.Logger) (*instance, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		i := p.idle[n-1]
		p.idle[n-1] = nil
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		i.messages.to(log)
		return i, nil
	}
	p.mu.Unlock()
	messages := new(messages)
	messages.to(log)
	imports, config := wasi.Imports(p.o.config(log, messages)), rt.InstanceConfig{Limits: p.o.Limits, Stubs: p.o.Stubs}
	if p.o.Imports != nil {
		imports, config.Imports = nil, append(p.o.Imports(), imports...)
	}
	in, err := p.linked.Instantiate(ctx, imports, config)
	if err != nil {
		return nil, err
	}
	return &instance{IncomingHandler: incominghandler.Export(in.Exports(0)), in: in, messages: messages}, nil
}

// put takes an instance back after a request. One that may not serve again is
// closed.
func (p *pool) put(ctx context.Context, i *instance, again bool) error {
	i.served++
	if again && i.served < p.o.Reuse && i.in.Err() == nil && p.keep(i) {
		return nil
	}
	return i.in.Close(ctx)
}

func (p *pool) keep(i *instance) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.idle) >= p.o.MaxIdle {
		return false
	}
	p.idle = append(p.idle, i)
	return true
}

// close closes the instances that wait.
func (p *pool) close(ctx context.Context) (errs []error) {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	for _, i := range idle {
		errs = append(errs, i.in.Close(ctx))
	}
	return errs
}
