package web

import (
	"context"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/internal/poll"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

// lookup is a host's own way to look up names.
type lookup func(ctx context.Context) ([]netip.Addr, error)

func (r lookup) LookupNetIP(ctx context.Context, _, _ string) ([]netip.Addr, error) { return r(ctx) }

// dialer is a host's own way to connect.
type dialer func(ctx context.Context) (net.Conn, error)

func (d dialer) DialContext(ctx context.Context, _, _ string) (net.Conn, error) { return d(ctx) }

var metadata = []netip.Addr{netip.MustParseAddr("169.254.169.254")}

// TestDenialIsTold has a guest ask for a name with an address that it may not
// have, and not look at what becomes of that.
func TestDenialIsTold(t *testing.T) {
	const to = "http://inside.example.com/"
	for _, c := range []struct {
		name  string
		guest func(c *client, asked <-chan struct{}, answer chan<- struct{})
	}{
		{"got", func(c *client, asked <-chan struct{}, answer chan<- struct{}) {
			close(answer)
			f := c.send(c.request("GET", to), nil)
			c.wait(f)
			f.Close(c.t.Context())
		}},
		{"dropped unread", func(c *client, asked <-chan struct{}, answer chan<- struct{}) {
			close(answer)
			f := c.send(c.request("GET", to), nil)
			poll.Until(c.t.Context(), f)
			f.Close(c.t.Context())
		}},
		{"dropped before it is known", func(c *client, asked <-chan struct{}, answer chan<- struct{}) {
			f := c.send(c.request("GET", to), nil)
			<-asked
			f.Close(c.t.Context())
			close(answer)
		}},
		{"told another reason before", func(c *client, asked <-chan struct{}, answer chan<- struct{}) {
			f := c.send(c.request("GET", to), &RequestOptions{connect: cm.Some(uint64(50 * time.Millisecond))})
			<-asked
			c.wait(f)
			close(answer)
			f.Close(c.t.Context())
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer, asked := make(chan struct{}), make(chan struct{})
			own := newClientOf(t, Options{}, policy.Network{Resolver: lookup(func(context.Context) ([]netip.Addr, error) {
				close(asked)
				<-answer // whatever the context says
				return metadata, nil
			})}, "http:*")
			c.guest(own, asked, answer)
			for range 1000 {
				own.TellLate(t.Context())
				if len(own.denied) > 0 {
					break
				}
				time.Sleep(time.Millisecond)
			}
			own.TellLate(t.Context())
			if len(own.denied) != 1 || own.denied[0].Target != "GET "+to {
				t.Errorf("the audit is told %v", own.denied)
			}
		})
	}
}

// TestLateIsTold has the next request tell what was denied to one before.
func TestLateIsTold(t *testing.T) {
	c := newClientOf(t, Options{}, policy.Network{Resolver: lookup(func(context.Context) ([]netip.Addr, error) { return metadata, nil })}, "http:*")
	f := c.send(c.request("GET", "http://a.example.com/"), nil)
	poll.Until(t.Context(), f)
	f.mu.Lock()
	f.refused, f.denied, f.told = false, nil, true
	f.mu.Unlock()
	f.refuse(c.request("GET", "http://a.example.com/").must(t), &policy.Denied{Reason: "late"})
	c.send(c.request("GET", "http://b.example.com/"), nil).Close(t.Context())
	if len(c.denied) == 0 || c.denied[0].Reason != "late" {
		t.Errorf("the audit is told %v", c.denied)
	}
}

// TestDialsEnd has a guest begin requests and drop them: what connects for them
// ends with them.
func TestDialsEnd(t *testing.T) {
	var dials atomic.Int64
	began := make(chan struct{})
	c := newClientOf(t, Options{Requests: 8}, policy.Network{Dialer: dialer(func(ctx context.Context) (net.Conn, error) {
		dials.Add(1)
		defer dials.Add(-1)
		began <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	})}, "http:*")
	for range 100 {
		f := c.send(c.request("GET", "http://93.184.216.34/"), nil)
		<-began
		f.Close(t.Context())
		for range 1000 {
			if dials.Load() == 0 {
				break
			}
			time.Sleep(time.Millisecond)
		}
		if dials.Load() != 0 {
			t.Fatal("the dial is still under way")
		}
	}
}

// TestDialsAreBounded is TestDialsEnd with a dialer that does not end with its
// context.
func TestDialsAreBounded(t *testing.T) {
	var dials atomic.Int64
	end := make(chan struct{})
	c := newClientOf(t, Options{Requests: 8}, policy.Network{Dialer: dialer(func(context.Context) (net.Conn, error) {
		dials.Add(1)
		<-end
		return nil, net.ErrClosed
	})}, "http:*")
	defer close(end)
	again := 50 // once there are as many as may be
	for tries := 0; again > 0 && tries < 10_000; tries++ {
		before := dials.Load()
		if before == 16 {
			again--
		}
		f, err := c.Handle(t.Context(), c.request("GET", "http://93.184.216.34/"), cm.None[types.RequestOptions]())
		if err != nil {
			time.Sleep(time.Millisecond)
			continue // the requests before have not ended yet
		}
		for range 20 {
			if dials.Load() > before || f.(*FutureIncomingResponse).Ready() {
				break
			}
			time.Sleep(time.Millisecond)
		}
		f.Close(t.Context())
	}
	if n := dials.Load(); n != 16 {
		t.Errorf("%d dials are under way", n)
	}
}
