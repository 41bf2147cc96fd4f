package wast

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/wit"
)

// host is what suites expect of the world around a script: functions at the
// root, and an instance "host". Its parts are those of the script runner of
// wasmtime, which the suites were written for. Each script has one.
type host struct {
	resource1, resource2 *rt.ResourceType
	module               *rt.Module

	mu       sync.Mutex
	drops    uint32 // of resource1, by those who owned one
	lastDrop uint32 // the rep of the last one
}

// slowly is how long the functions take that are slow on purpose.
const slowly = 20 * time.Millisecond

func newHost() (*host, error) {
	h := &host{resource2: rt.NewResourceType("resource2", nil)}
	h.resource1 = rt.NewResourceType("resource1", func(_ context.Context, rep any) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.drops++
		h.lastDrop = rep.(uint32)
		return nil
	})
	var err error
	h.module, err = rt.NewModule(simpleModule())
	return h, err
}

// instances returns the host as what components import.
func (h *host) instances() []rt.HostInstance {
	functions := h.methods()
	functions["return-three"] = constant32(3)
	functions["return-hi"] = rt.HostFunc{
		Type: &wit.Func{Result: wit.String},
		Call: func(context.Context, []rt.Value) (rt.Value, error) { return "hi", nil },
	}
	functions["never-return"] = never()
	functions["return-two-slowly"] = async(after(constant32(2)))
	functions["echo-slowly"] = async(after(echo()))
	return []rt.HostInstance{{
		Funcs: map[string]rt.HostFunc{"host-echo-u32": echo(), "host-return-two": constant32(2)},
	}, {
		Name:  "host",
		Funcs: functions,
		Resources: map[string]*rt.ResourceType{
			"resource1": h.resource1, "resource2": h.resource2, "resource1-again": h.resource1,
		},
		Modules:   map[string]*rt.Module{"simple-module": h.module},
		Instances: map[string]*rt.HostInstance{"nested": {Funcs: map[string]rt.HostFunc{"return-four": constant32(4)}}},
	}}
}

// methods returns the functions of resource1.
func (h *host) methods() map[string]rt.HostFunc {
	def := &wit.TypeDef{Name: "resource1", Type: &wit.Resource{}}
	own, borrow := &wit.Handle{Resource: def}, &wit.Handle{Resource: def, Borrow: true}
	self, rep := wit.Param{Name: "self", Type: borrow}, wit.Param{Name: "rep", Type: wit.U32}
	nothing := func(context.Context, []rt.Value) (rt.Value, error) { return nil, nil }
	forever := never(self)
	return map[string]rt.HostFunc{
		"[constructor]resource1": {
			Type: &wit.Func{Params: []wit.Param{rep}, Result: own},
			Call: func(_ context.Context, args []rt.Value) (rt.Value, error) { return h.resource1.New(args[0]), nil },
		},
		// What the host is given it keeps: only what others drop is counted.
		"[static]resource1.assert":       {Type: &wit.Func{Params: []wit.Param{{Name: "r", Type: own}, rep}}, Call: assertRep},
		"[static]resource1.last-drop":    {Type: &wit.Func{Result: wit.U32}, Call: h.count(&h.lastDrop)},
		"[static]resource1.drops":        {Type: &wit.Func{Result: wit.U32}, Call: h.count(&h.drops)},
		"[method]resource1.simple":       {Type: &wit.Func{Params: []wit.Param{self, rep}}, Call: assertRep},
		"[method]resource1.take-borrow":  {Type: &wit.Func{Params: []wit.Param{self, {Name: "b", Type: borrow}}}, Call: nothing},
		"[method]resource1.take-own":     {Type: &wit.Func{Params: []wit.Param{self, {Name: "b", Type: own}}}, Call: nothing},
		"[method]resource1.never-return": forever,
	}
}

// assertRep fails unless a resource is the one that was made with that rep.
func assertRep(_ context.Context, args []rt.Value) (rt.Value, error) {
	if have := args[0].(*rt.Resource).Value(); have != args[1] {
		return nil, fmt.Errorf("resource has rep %v, not %v", have, args[1])
	}
	return nil, nil
}

// count returns a function that returns a count.
func (h *host) count(n *uint32) func(context.Context, []rt.Value) (rt.Value, error) {
	return func(context.Context, []rt.Value) (rt.Value, error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		return *n, nil
	}
}

// constant32 returns a function that returns a number.
func constant32(n uint32) rt.HostFunc {
	return rt.HostFunc{
		Type: &wit.Func{Result: wit.U32},
		Call: func(context.Context, []rt.Value) (rt.Value, error) { return n, nil },
	}
}

// echo returns a function that returns the number that it is given.
func echo() rt.HostFunc {
	return rt.HostFunc{
		Type: &wit.Func{Params: []wit.Param{{Name: "v", Type: wit.U32}}, Result: wit.U32},
		Call: func(_ context.Context, args []rt.Value) (rt.Value, error) { return args[0], nil },
	}
}

// never returns a function that does not return before its call is given up.
func never(params ...wit.Param) rt.HostFunc {
	return async(rt.HostFunc{
		Type: &wit.Func{Params: params},
		Call: func(ctx context.Context, _ []rt.Value) (rt.Value, error) {
			<-ctx.Done()
			return nil, context.Cause(ctx)
		},
	})
}

// after returns a function that takes its time.
func after(f rt.HostFunc) rt.HostFunc {
	return rt.HostFunc{Type: f.Type, Call: func(ctx context.Context, args []rt.Value) (rt.Value, error) {
		select {
		case <-time.After(slowly):
			return f.Call(ctx, args)
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}}
}

// async returns a function as one whose type is async.
func async(f rt.HostFunc) rt.HostFunc {
	t := *f.Type
	t.Async = true
	return rt.HostFunc{Type: &t, Call: f.Call}
}

// simpleModule returns a core module that exports a global g, which is 100, and
// a function f, which returns 101.
func simpleModule() []byte {
	out := []byte(modulePreamble)
	out = section(out, 1, []byte{1, 0x60, 0, 1, 0x7f})             // types: func -> i32
	out = section(out, 3, []byte{1, 0})                            // functions
	out = section(out, 6, []byte{1, 0x7f, 0, 0x41, 0xe4, 0, 0x0b}) // globals: i32.const 100
	out = section(out, 7, []byte{2, 1, 'g', 3, 0, 1, 'f', 0, 0})   // exports
	return section(out, 10, []byte{1, 5, 0, 0x41, 0xe5, 0, 0x0b})  // code: i32.const 101
}
