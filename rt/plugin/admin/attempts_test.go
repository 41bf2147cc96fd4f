package admin

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

func wrong() bool { return false }
func right() bool { return true }

// TestAttempts guesses tokens as time goes by, and counts how many are looked at.
func TestAttempts(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name  string
		peers int           // that guess in turn
		every time.Duration // a guess
		time  time.Duration
		most  int // guesses that are looked at
		least int
	}{
		{"one peer", 1, 10 * time.Millisecond, time.Minute, peerBurst + 10, peerBurst + 9},
		{"many peers", 5000, 10 * time.Millisecond, time.Minute, allBurst + 60, allBurst + 59},
		{"slowly", 1, 7 * time.Second, 10 * time.Minute, 86, 85},
		{"at once", 1, 0, 0, peerBurst, peerBurst},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var a attempts
			seen, n := 0, 0
			for at := time.Duration(0); at <= tt.time && n < 100_000; at += tt.every {
				_, wait := a.try(now.Add(at), fmt.Sprint(n%tt.peers), func() bool { seen++; return false })
				if n++; wait < 0 || wait > peerPause {
					t.Fatalf("to wait %v", wait)
				}
				if tt.every == 0 && n == 1000 {
					break
				}
			}
			if seen > tt.most || seen < tt.least {
				t.Errorf("%d of %d guesses were looked at, want %d to %d", seen, n, tt.least, tt.most)
			}
			if len(a.peers) > allBurst+60 {
				t.Errorf("%d peers are remembered", len(a.peers))
			}
		})
	}
}

// TestAttemptsWait waits as long as it is told to, and may try then.
func TestAttemptsWait(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	var a attempts
	var wait time.Duration
	for wait == 0 {
		_, wait = a.try(now, "here", wrong)
	}
	if ok, _ := a.try(now.Add(wait-1), "here", right); ok {
		t.Error("the right token was looked at too soon")
	}
	if ok, again := a.try(now.Add(wait), "here", right); !ok {
		t.Errorf("told to wait %v, and then %v", wait, again)
	}
}

// TestAttemptsOfOthers keeps nobody out who had the token, and everybody else.
func TestAttemptsOfOthers(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	var a attempts
	if ok, _ := a.try(now, "operator", right); !ok {
		t.Fatal("the right token is wrong")
	}
	for i := range 10 * allBurst {
		a.try(now, fmt.Sprint(i), wrong)
	}
	if ok, wait := a.try(now, "new", right); ok || wait != allPause {
		t.Errorf("somebody new has to wait %v", wait)
	}
	if ok, wait := a.try(now, "operator", right); !ok {
		t.Errorf("the operator has to wait %v", wait)
	}
	for range 10 * peerBurst {
		a.try(now, "operator", wrong)
	}
	if ok, wait := a.try(now, "operator", right); ok || wait != peerPause {
		t.Errorf("who guesses where the operator is has to wait %v", wait)
	}
	for i := range 2 * maxTrusted {
		a.try(now.Add(time.Hour+time.Duration(i)), fmt.Sprint("operator ", i), right)
	}
	if len(a.peers) > maxTrusted {
		t.Errorf("%d peers are remembered", len(a.peers))
	}
}

func TestPeerOf(t *testing.T) {
	for _, tt := range []struct{ addr, want string }{
		{"192.0.2.1:1234", "192.0.2.1"},
		{"[::ffff:192.0.2.1]:1234", "192.0.2.1"},
		{"[2001:db8:1:2:3:4:5:6]:1234", "2001:db8:1:2::/64"},
		{"[fe80::1%eth0]:1234", "fe80::/64"},
		{"@", "@"}, // of a Unix socket
		{"", ""},
	} {
		if got := peerOf(&http.Request{RemoteAddr: tt.addr}); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.addr, got, tt.want)
		}
	}
}
