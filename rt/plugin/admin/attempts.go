package admin

import (
	"maps"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// The bounds of wrong tokens. Those of a peer are for who guesses from one place,
// the others for who does so from many.
const (
	peerBurst  = 10
	peerPause  = 6 * time.Second // until a peer may be wrong once more
	allBurst   = 100
	allPause   = time.Second
	maxTrusted = 1024 // peers that had the right token, and are remembered
)

// attempts bounds how often tokens may be wrong: beyond that no token is looked
// at, not even the right one, or bounds would bound nothing. Peers that had the
// right token do not share the bound of all, so that nobody who only guesses
// keeps them out.
type attempts struct {
	mu    sync.Mutex
	all   bucket
	peers map[string]*peer
}

// peer is what is known of who asks.
type peer struct {
	bucket
	trusted time.Time // it had the right token last; zero if it never had
}

// bucket counts what is spent, and as time goes by what may be spent again.
type bucket struct {
	spent int
	since time.Time // what is earned is counted from then
}

// refill counts what was earned until now, one for each pause.
func (b *bucket) refill(now time.Time, pause time.Duration) {
	if earned := int(now.Sub(b.since) / pause); earned >= b.spent {
		b.spent, b.since = 0, now
	} else if earned > 0 {
		b.spent -= earned
		b.since = b.since.Add(time.Duration(earned) * pause)
	}
}

// wait returns how long until something may be spent; 0 means now.
func (b *bucket) wait(now time.Time, burst int, pause time.Duration) time.Duration {
	if b.refill(now, pause); b.spent < burst {
		return 0
	}
	return max(b.since.Add(pause).Sub(now), 1)
}

// try asks right whether a peer has the token, unless there were too many wrong
// ones: then it returns how long the next has to wait. Of peers that ask at once
// each has its turn, so that none is counted late.
func (a *attempts) try(now time.Time, from string, right func() bool) (ok bool, wait time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.peers[from]
	if p == nil {
		p = &peer{bucket: bucket{since: now}}
	}
	wait = p.wait(now, peerBurst, peerPause)
	if p.trusted.IsZero() {
		wait = max(wait, a.all.wait(now, allBurst, allPause))
	}
	if wait > 0 {
		return false, wait
	}
	if ok = right(); ok {
		p.trusted = now
	} else {
		p.spent++
		if p.trusted.IsZero() {
			a.all.spent++
		}
	}
	a.keep(now, from, p)
	return ok, 0
}

// keep remembers a peer, and forgets those that nothing is known of any more:
// how many others there are is bounded by how many wrong tokens there may be.
func (a *attempts) keep(now time.Time, from string, p *peer) {
	if a.peers[from] == p {
		return
	}
	if a.peers == nil {
		a.peers = make(map[string]*peer)
	}
	maps.DeleteFunc(a.peers, func(_ string, p *peer) bool {
		p.refill(now, peerPause)
		return p.spent == 0 && p.trusted.IsZero()
	})
	var oldest string
	trusted := 0
	for name, p := range a.peers {
		if !p.trusted.IsZero() {
			if trusted++; oldest == "" || p.trusted.Before(a.peers[oldest].trusted) {
				oldest = name
			}
		}
	}
	if trusted >= maxTrusted {
		delete(a.peers, oldest)
	}
	a.peers[from] = p
}

// peerOf returns who a request is from: the address of the connection, or the
// network of it that one customer has, for version 6.
func peerOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if addr = addr.Unmap().WithZone(""); addr.Is4() {
		return addr.String()
	}
	network, err := addr.Prefix(64)
	if err != nil {
		return host
	}
	return network.String()
}
