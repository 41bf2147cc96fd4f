package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	slowBody  = 4 << 10 // bytes that a slow client sends, and gets back
	slowPiece = 16      // of them are sent at a time
	pause     = 2 * time.Second
	beginning = 500 // slow clients that begin at a time

	crowds      = 3
	blocks      = 64 << 20 // bytes of linear memories that package rt keeps to use again
	memorySlack = 16 << 20 // resident memory that comes and goes

	// What the heap may have more once they are gone: maps do not shrink.
	heapSlack = 8 << 20
	tables    = 4 << 10 // for each of as many as there were at a time
)

// slowClients has many clients at one time that send a few bytes at a time, and
// get them back from a guest that waits for more, while others are served. In the
// end they send the rest. All that comes several times, and leaves no more than
// the first time.
//
// What a crowd leaves is garbage: requests that come after it have that collected,
// and what is free then is given back to the system within seconds. Without any,
// the runtime collects minutes later, and gives back less at a time. So what is
// resident when a crowd has just gone says little.
func (l *load) slowClients(ctx context.Context) error {
	s, err := l.start(ctx, l.serve("--max-concurrent", strconv.Itoa(l.slow+l.clients), "--timeout", "10m"), "GOGC=25", "GODEBUG=gctrace=1")
	if err != nil {
		return err
	}
	defer s.kill()
	if _, err := l.hey(ctx, s.url+"/", time.Second); err != nil {
		return err
	}
	before, resident := 0, s.use().memory
	fmt.Printf("%d slow clients at a time, resident memory before %s\n", l.slow, mib(resident))
	if before, err = s.live(); err != nil {
		return err
	}
	first := use{}
	for i := range crowds {
		if err := l.crowd(ctx, s); err != nil {
			return err
		}
		most := before + heapSlack + l.slow*tables
		if i > 0 {
			most = min(most, first.heap+heapSlack)
		}
		heap, err := l.collected(ctx, s, most)
		if err != nil {
			return err
		}
		memory := s.returned()
		fmt.Printf("  once that is collected: heap in use %s, resident memory %s\n", mib(heap), mib(memory))
		l.check(heap <= most, "slow clients leave %s on the heap, %s before", mib(heap), mib(before))
		l.check(memory <= resident+blocks+2*heap+memorySlack, "slow clients leave resident memory of %s, %s before", mib(memory), mib(resident))
		if i == 0 {
			first = use{heap: heap, memory: memory}
		}
		l.check(memory <= first.memory+memorySlack, "slow clients leave %s the first time, and %s later", mib(first.memory), mib(memory))
	}
	end := s.settled()
	l.check(end.files <= s.before.files, "after slow clients %d files are open, %d before", end.files, s.before.files)
	return s.stop()
}

// collected returns what the heap has in use, once it is no more than most or
// after some more requests, whose garbage has that of before collected.
func (l *load) collected(ctx context.Context, s *server, most int) (bytes int, err error) {
	for range 20 {
		if bytes, err = s.live(); err != nil || bytes <= most {
			break
		}
		if _, err = l.hey(ctx, s.url+"/", time.Second); err != nil {
			break
		}
	}
	return bytes, err
}

// crowd has slow clients, and others beside them.
func (l *load) crowd(ctx context.Context, s *server) error {
	c := crowd{address: strings.TrimPrefix(s.url, "http://"), places: make(chan struct{}, beginning), hurry: make(chan struct{})}
	for range l.slow {
		c.begun.Add(1)
		c.ended.Go(func() { c.client(ctx) })
	}
	c.begun.Wait()
	full := s.use()
	others, err := l.hey(ctx, s.url+"/", l.turn)
	close(c.hurry)
	c.ended.Wait()
	if err != nil {
		return err
	}
	fmt.Printf("  %d were answered, %d not; beside them %.0f requests/s; resident memory %s, %s once they are gone\n",
		l.slow-len(c.failed), len(c.failed), others.rate, mib(full.memory), mib(s.settled().memory))
	l.check(full.files == 0 || full.files >= s.before.files+l.slow-len(c.failed), "%d files are open for %d slow clients", full.files, l.slow)
	l.check(others.all(200), "beside slow clients: %v", others)
	for _, err := range c.failed[:min(5, len(c.failed))] {
		l.check(false, "slow client: %w", err)
	}
	return nil
}

// crowd is slow clients.
type crowd struct {
	address string
	places  chan struct{} // of those that begin
	begun   sync.WaitGroup
	hurry   chan struct{} // closed when the rest is to be sent
	ended   sync.WaitGroup

	mu     sync.Mutex
	failed []error
}

// client is one of them.
func (c *crowd) client(ctx context.Context) {
	began := sync.OnceFunc(func() {
		<-c.places
		c.begun.Done()
	})
	c.places <- struct{}{}
	err := c.request(ctx, began)
	began()
	if err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.failed = append(c.failed, err)
	}
}

// request sends a request whose body comes back as it arrives: slowly until it is
// to hurry. It calls began when the first bytes are back, from the guest.
func (c *crowd) request(ctx context.Context, began func()) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.address)
	if err != nil {
		return err
	}
	defer conn.Close()
	body := strings.Repeat(conn.LocalAddr().String()+"\n", slowBody)[:slowBody]
	send := func(n int) error {
		_, err := io.WriteString(conn, body[:n])
		body = body[n:]
		return err
	}
	want := body
	for _, piece := range []string{"POST /ec", "ho HTTP/1.1\r\nHost: slow\r\n", fmt.Sprintf("Connection: close\r\nContent-Length: %d\r\n\r\n", slowBody)} {
		if _, err := io.WriteString(conn, piece); err != nil {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err := send(slowPiece); err != nil {
		return err
	}
	r, err := http.ReadResponse(bufio.NewReaderSize(conn, 512), nil)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	got := make([]byte, slowPiece, slowBody)
	_, err = io.ReadFull(r.Body, got)
	for began(); err == nil && c.waits(ctx) && len(body) > slowPiece; {
		if err = send(slowPiece); err == nil {
			got = got[:len(got)+slowPiece]
			_, err = io.ReadFull(r.Body, got[len(got)-slowPiece:])
		}
	}
	if err == nil {
		err = send(len(body))
	}
	rest, readErr := io.ReadAll(r.Body)
	got = append(got, rest...)
	if err == nil && (r.StatusCode != 200 || string(got) != want) {
		err = errors.New("that is not what was sent")
	}
	if err = cmp.Or(err, readErr); err != nil {
		return fmt.Errorf("%s, %d bytes of %d: %w", r.Status, len(got), slowBody, err)
	}
	return nil
}

// waits waits until the next bytes are due. It reports false once it is to hurry.
func (c *crowd) waits(ctx context.Context) bool {
	select {
	case <-c.hurry:
	case <-ctx.Done():
	case <-time.After(pause):
		return true
	}
	return false
}
