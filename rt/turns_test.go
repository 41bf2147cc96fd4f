package rt_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/rt"
)

func echo(ctx context.Context, p pluginapi.PluginAPI, s string) error {
	out, err := p.Process(ctx, pluginapi.ProcessRequest{Input: s})
	if err == nil && out.Output != s {
		err = fmt.Errorf("process %q = %q", s, out.Output)
	}
	return err
}

// TestTurns calls one instance, and many, from many goroutines.
func TestTurns(t *testing.T) {
	shared := start(t, hostile, &host{}).PluginAPI
	var wg sync.WaitGroup
	for g := range 8 {
		own := start(t, hostile, &host{}).PluginAPI
		wg.Go(func() {
			for i := range 100 {
				s := fmt.Sprintf("%d of goroutine %d", i, g)
				if err := errors.Join(echo(t.Context(), shared, s), echo(t.Context(), own, s)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// blocking returns a plugin whose host function waits until release is called,
// and a channel that says when it has begun to.
func blocking(t *testing.T) (p *plugin.Plugin, begun chan struct{}, release func()) {
	begun, end := make(chan struct{}), make(chan struct{})
	h := &host{emit: func(context.Context, string, string) error {
		close(begun)
		<-end
		return nil
	}}
	return start(t, hostile, h), begun, sync.OnceFunc(func() { close(end) })
}

func TestWaitEndsWithContext(t *testing.T) {
	p, begun, release := blocking(t)
	defer release()
	done := make(chan error)
	go func() { done <- echo(t.Context(), p.PluginAPI, "emit") }()
	<-begun

	why := errors.New("changed my mind")
	ctx, cancel := context.WithCancelCause(t.Context())
	waiters := make(chan error)
	for range 100 {
		go func() { waiters <- echo(ctx, p.PluginAPI, "x") }()
	}
	cancel(why)
	for range 100 {
		if err := <-waiters; !errors.Is(err, why) {
			t.Errorf("a cancelled waiter got %v", err)
		}
	}
	release()
	if err := <-done; err != nil {
		t.Errorf("the call they waited for: %v", err)
	}
	if err := echo(t.Context(), p.PluginAPI, "y"); err != nil {
		t.Errorf("the call after: %v", err)
	}
}

func TestContextDoneBefore(t *testing.T) {
	h := &host{}
	p := start(t, hostile, h)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := echo(ctx, p.PluginAPI, "emit"); !errors.Is(err, context.Canceled) {
		t.Errorf("process = %v", err)
	}
	if len(h.seen) > 0 {
		t.Errorf("the guest ran: %q", h.seen)
	}
}

// TestReentrance calls an instance from a host function that it waits for.
func TestReentrance(t *testing.T) {
	var p *plugin.Plugin
	type key struct{}
	var inner error
	h := &host{emit: func(ctx context.Context, _, _ string) error {
		if ctx.Value(key{}) != "mine" {
			t.Error("the host function lacks the caller's values")
		}
		inner = echo(ctx, p.PluginAPI, "again")
		return nil
	}}
	p = start(t, hostile, h)
	ctx := context.WithValue(t.Context(), key{}, "mine")
	if err := echo(ctx, p.PluginAPI, "emit"); err != nil {
		t.Errorf("outer call: %v", err)
	}
	if inner == nil || !strings.Contains(inner.Error(), "cannot enter component instance") {
		t.Errorf("inner call: %v", inner)
	}

	h.emit = func(context.Context, string, string) error {
		fresh, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		inner = echo(fresh, p.PluginAPI, "again")
		return nil
	}
	if err := echo(ctx, p.PluginAPI, "emit"); err != nil {
		t.Errorf("outer call: %v", err)
	}
	if !errors.Is(inner, context.DeadlineExceeded) {
		t.Errorf("inner call with a context of its own: %v", inner)
	}

	h.emit = func(ctx context.Context, _, _ string) error { return p.Close(ctx) }
	if err := echo(ctx, p.PluginAPI, "emit"); err == nil || !strings.Contains(err.Error(), "cannot be closed") {
		t.Errorf("closing from inside: %v", err)
	}
}

// TestChain has two instances call each other through the host: the first is
// waiting, so the way back to it fails.
func TestChain(t *testing.T) {
	var first, second *plugin.Plugin
	first = start(t, hostile, &host{emit: func(ctx context.Context, _, _ string) error {
		return echo(ctx, second.PluginAPI, "emit")
	}})
	var back error
	second = start(t, hostile, &host{emit: func(ctx context.Context, _, _ string) error {
		back = echo(ctx, first.PluginAPI, "x")
		return nil
	}})
	if err := echo(t.Context(), first.PluginAPI, "emit"); err != nil {
		t.Errorf("first: %v", err)
	}
	if back == nil || !strings.Contains(back.Error(), "cannot enter component instance") {
		t.Errorf("the way back: %v", back)
	}
}

func TestClose(t *testing.T) {
	p, begun, release := blocking(t)
	done := make(chan error)
	go func() { done <- echo(t.Context(), p.PluginAPI, "emit") }()
	<-begun

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := p.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("close under a running call: %v", err)
	}
	closed := make(chan error)
	go func() { closed <- p.Close(t.Context()) }()
	release()
	if err := <-done; err != nil {
		t.Errorf("the running call: %v", err)
	}
	if err := <-closed; err != nil {
		t.Errorf("close: %v", err)
	}
	if err := echo(t.Context(), p.PluginAPI, "x"); !errors.Is(err, rt.ErrClosed) {
		t.Errorf("call after close: %v", err)
	}
	if err := p.Close(t.Context()); err != nil {
		t.Errorf("second close: %v", err)
	}
}

func TestCloseEngineAndComponent(t *testing.T) {
	ctx := t.Context()
	e, err := rt.NewEngine(ctx, rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	wasm, err := os.ReadFile(hostile)
	if err != nil {
		t.Fatal(err)
	}
	var plugins []*plugin.Plugin
	c, err := e.Compile(ctx, wasm)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		p, err := plugin.Instantiate(ctx, c, plugin.Imports{HostAPI: &host{}}, rt.InstanceConfig{})
		if err != nil {
			t.Fatal(err)
		}
		plugins = append(plugins, p)
	}
	if err := c.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := plugin.Instantiate(ctx, c, plugin.Imports{HostAPI: &host{}}, rt.InstanceConfig{}); !errors.Is(err, rt.ErrClosed) {
		t.Errorf("instantiate after the component is closed: %v", err)
	}
	if err := echo(ctx, plugins[0].PluginAPI, "x"); err != nil {
		t.Errorf("instance of a closed component: %v", err)
	}
	if err := plugins[0].Close(ctx); err != nil {
		t.Error(err)
	}
	if err := errors.Join(e.Close(ctx), e.Close(ctx)); err != nil {
		t.Errorf("close engine: %v", err)
	}
	for _, p := range plugins {
		if err := echo(ctx, p.PluginAPI, "x"); !errors.Is(err, rt.ErrClosed) {
			t.Errorf("call after the engine is closed: %v", err)
		}
	}
	if _, err := e.Compile(ctx, wasm); !errors.Is(err, rt.ErrClosed) {
		t.Errorf("compile after the engine is closed: %v", err)
	}
}

// TestCloseEngineUnderLoad closes an engine while others compile, instantiate
// and call: each of them ends with an answer or with ErrClosed.
func TestCloseEngineUnderLoad(t *testing.T) {
	ctx := t.Context()
	wasm, err := os.ReadFile(hostile)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		e, err := rt.NewEngine(ctx, rt.Config{})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for {
					c, err := e.Compile(ctx, wasm)
					if err == nil {
						var p *plugin.Plugin
						if p, err = plugin.Instantiate(ctx, c, plugin.Imports{HostAPI: &host{}}, rt.InstanceConfig{}); err == nil {
							err = echo(ctx, p.PluginAPI, "x")
						}
					}
					if err != nil {
						if !errors.Is(err, rt.ErrClosed) {
							t.Error(err)
						}
						return
					}
				}
			})
		}
		time.Sleep(5 * time.Millisecond)
		if err := e.Close(ctx); err != nil {
			t.Error(err)
		}
		wg.Wait()
	}
}
