package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/witgen/witgen/rt/plugin"
)

// load is clients that send requests all the time, for users that come again,
// and what they saw.
type load struct {
	url    string
	client *http.Client
	stop   context.CancelFunc
	all    sync.WaitGroup

	mu     sync.Mutex
	seen   counts
	errors []string // the first
}

// counts is what clients saw.
type counts struct {
	served, failed int
	again          int                       // served, after it failed on what was tried out
	revisions      map[string]map[string]int // requests by plugin and revision
	labelled       int                       // of the plugin that is tried out
	canary         int                       // of these, by what was tried out
}

const (
	clients = 6
	users   = 1000
	// One request of so many has an input that a broken plugin traps on.
	poison = 10
)

func newLoad(url string) *load {
	ctx, stop := context.WithCancel(context.Background())
	l := &load{url: url, stop: stop, seen: counts{revisions: make(map[string]map[string]int)}}
	l.client = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	for range clients {
		l.all.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				l.send([]string{"resize", "record", "label"}[i%3])
				time.Sleep(2 * time.Millisecond) // the machine has other things to do
			}
		})
	}
	return l
}

// end waits for the requests under way.
func (l *load) end() {
	l.stop()
	l.all.Wait()
	l.client.CloseIdleConnections()
}

// send sends a request and counts what comes of it.
func (l *load) send(name string) {
	input := "cat.png"
	if rand.IntN(poison) == 0 {
		input = "trap"
	}
	header, err := l.post(name, fmt.Sprintf("user-%d", rand.IntN(users)), input)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		if l.seen.failed++; len(l.errors) < 3 {
			l.errors = append(l.errors, err.Error())
		}
		return
	}
	l.seen.served++
	if l.seen.revisions[name] == nil {
		l.seen.revisions[name] = make(map[string]int)
	}
	l.seen.revisions[name][header.Get("Plugin-Revision")]++
	if header.Get("Plugin-Again") != "" {
		l.seen.again++
	}
	if name == "label" {
		l.seen.labelled++
		if header.Get("Plugin-Arm") == string(plugin.Canary) || header.Get("Plugin-Again") != "" {
			l.seen.canary++
		}
	}
}

// post sends a request and returns the headers of the answer, if that is right.
func (l *load) post(name, user, input string) (http.Header, error) {
	r, err := http.NewRequest(http.MethodPost, l.url+"/plugins/"+name, strings.NewReader(input))
	if err != nil {
		return nil, err
	}
	r.Header.Set("User", user)
	response, err := l.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	text := strings.TrimSpace(string(body))
	if err == nil && (response.StatusCode != http.StatusOK || !strings.HasSuffix(text, input)) {
		err = fmt.Errorf("%s: %s, %q", name, response.Status, text)
	}
	return response.Header, err
}

// now returns what the clients have seen.
func (l *load) now() counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.seen
	c.revisions = make(map[string]map[string]int)
	for name, revisions := range l.seen.revisions {
		c.revisions[name] = maps.Clone(revisions)
	}
	return c
}
