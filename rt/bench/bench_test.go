package main

import (
	"os"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	code := m.Run()
	removeWorker()
	os.Exit(code)
}

func TestPeers(t *testing.T) {
	for _, p := range peers {
		t.Run(p.name, func(t *testing.T) {
			q, err := p.open()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(q.close)
			testAdd(t, q)
			testEcho(t, q)
			if r, ok := q.(processor); ok {
				out, success, err := r.process()
				if err != nil || out != processOutput || !success {
					t.Errorf("process: got %q, %v, %v, want %q", out, success, err, processOutput)
				}
			}
		})
	}
}

func testAdd(t *testing.T, p peer) {
	for _, c := range []struct{ a, b, want uint32 }{{1, 2, 3}, {1<<32 - 1, 2, 1}, {1 << 31, 7, 1<<31 + 7}} {
		if got, err := p.add(c.a, c.b); err != nil || got != c.want {
			t.Errorf("add(%d, %d) = %d, %v, want %d", c.a, c.b, got, err, c.want)
		}
	}
}

// testEcho looks at the answers once all calls are done: they are the caller's.
func testEcho(t *testing.T, p peer) {
	in := []string{"", "x", "gopher — ✓", strings.Repeat("x", 16), strings.Repeat("0123456789abcde", 1<<16/15) + "!"}
	got := make([]string, len(in))
	for i, s := range in {
		var err error
		if got[i], err = p.echo(s); err != nil {
			t.Errorf("echo of %d bytes: %v", len(s), err)
		}
	}
	for i, s := range in {
		if got[i] != s {
			t.Errorf("echo of %d bytes: got %.20q (%d bytes), want %.20q", len(s), got[i], len(got[i]), s)
		}
	}
}

func BenchmarkPeers(b *testing.B) {
	for _, w := range works {
		for _, p := range peers {
			b.Run(w.name+"/"+p.name, func(b *testing.B) {
				q, err := p.open()
				if err != nil {
					b.Fatal(err)
				}
				defer q.close()
				w.bench(b, q)
			})
		}
	}
}
