package plugin_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	api "github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin"
	"github.com/witgen/witgen/rt/plugin/policy"
)

// bytesOf returns a guest's file, with some text in it replaced by as much.
func bytesOf(t *testing.T, guest, old, text string) []byte {
	t.Helper()
	wasm, err := os.ReadFile(guests.Plugin(guest))
	if err != nil {
		t.Fatal(err)
	}
	if old != "" && (len(old) != len(text) || !bytes.Contains(wasm, []byte(old))) {
		t.Fatalf("%q cannot be %q in %s", old, text, guest)
	}
	return bytes.ReplaceAll(wasm, []byte(old), []byte(text))
}

// preview1 is a core module that imports WASI 0.1.
const preview1 = "\x00asm\x01\x00\x00\x00\x01\x04\x01\x60\x00\x00\x02\x22\x01\x16wasi_snapshot_preview1\x07fd_sync\x00\x00"

// loads returns a test that loads a component for the world of these tests.
func loads(wasm func(t *testing.T) []byte, change func(p *policy.Policy)) func(t *testing.T) error {
	return func(t *testing.T) error {
		p := pooled()
		if change != nil {
			change(p)
		}
		_, err := plugin.Add(t.Context(), newHost(t), "greeter", world(), plugin.Options{Policy: p, Source: plugin.Bytes("greeter.wasm", wasm(t))})
		return err
	}
}

// file returns a test that loads a file.
func file(content func(t *testing.T) []byte) func(t *testing.T) error {
	return func(t *testing.T) error {
		wasm := content(t)
		t.Chdir(t.TempDir())
		if err := os.WriteFile("greeter.wasm", wasm, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := plugin.Add(t.Context(), newHost(t), "greeter", world(), plugin.Options{Policy: pooled(), Source: plugin.File("greeter.wasm")})
		return err
	}
}

// cut loads a file that ends too soon, of which more may come.
func cut(t *testing.T) error {
	t.Parallel() // it waits for that
	path := filepath.Join(t.TempDir(), "greeter.wasm")
	if err := os.WriteFile(path, bytesOf(t, "c/data-processor", "", "")[:0x600], 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := plugin.Add(t.Context(), newHost(t), "greeter", world(), plugin.Options{Policy: pooled(), Source: plugin.File(path)})
	return err
}

func is(s string) func(*testing.T) []byte { return func(*testing.T) []byte { return []byte(s) } }

func patched(guest, old, text string) func(*testing.T) []byte {
	return func(t *testing.T) []byte { return bytesOf(t, guest, old, text) }
}

// calls returns a test that calls a function of the component of these tests.
func calls(f string, n uint32, host func(ctx context.Context, n uint32) (uint32, error), change func(p *policy.Policy)) func(t *testing.T) error {
	return func(t *testing.T) error {
		_, err := call(t.Context(), addRaw(t, newHost(t), "greeter", various(), host, change), f, n)
		return err
	}
}

// none has nothing.
var none map[string]*struct{ n int }

// TestMessages provokes each message that is listed: its code is that, and it
// says where, what and what of.
func TestMessages(t *testing.T) {
	explained := make(map[string]bool)
	for _, tt := range []struct {
		name    string
		code    string
		provoke func(t *testing.T) error
		want    string // a regular expression
	}{
		{"core module", "RT101", loads(is(preview1), nil),
			`^plugin greeter: greeter\.wasm: failed at check: not a component: core module \(layer 0\), imports wasi_snapshot_preview1`},
		{"core module in a file", "RT101", file(is(preview1)),
			`^plugin greeter: greeter\.wasm: failed at settle: .*not a component: core module \(layer 0\), imports wasi_snapshot_preview1`},
		{"another file", "RT102", file(is("\x7fELF")), `not wasm: starts with 7f 45 4c 46`},
		{"another file in memory", "RT102", loads(is("\x7fELF"), nil), `failed at check: not wasm: starts with 7f 45 4c 46`},
		{"changing", "RT103", changing, `greeter\.wasm: still changing after 5s$`},
		{"cut", "RT104", cut, `greeter\.wasm: unexpected end at 0x600 in section code$`},
		{"pin", "RT105", loads(patched("c/data-processor", "", ""), func(p *policy.Policy) { p.Source.Digest = "sha256:9f" }),
			`failed at verify: digest sha256:[0-9a-f]{64} is not the pinned sha256:9f$`},
		{"version", "RT201", loads(patched("c/data-processor", "host-api@0.1.0", "host-api@0.3.0"), nil),
			`failed at check: imports witgen:plugins/host-api@0\.3\.0; host has 0\.1\.0 \(track 0\.1\)$`},
		{"version of an export", "RT201", loads(patched("c/image-processor", "plugin-api@0.1.0", "plugin-api@0.3.0"), nil),
			`failed at check: exports witgen:plugins/plugin-api@0\.3\.0; host wants 0\.1\.0 \(track 0\.1\)$`},
		{"types", "RT202", loads(patched("broken/changed", "", ""), nil),
			`failed at check: witgen:plugins/host-api@0\.1\.0\.get-config: result: guest option<list<u8>>, host option<string>; ` +
				`witgen:plugins/host-api@0\.1\.0\.emit-event: param 2 "payload": guest list<u8>, host string; export witgen:plugins/plugin-api@0\.1\.0\.process: result: guest record`},
		{"import", "RT203", loads(patched("c/data-processor", "get-config", "get-confit"), nil),
			`failed at check: 1 import missing: witgen:plugins/host-api\.get-confit \(not implemented; did you mean get-config\?\)$`},
		{"imports", "RT203", loads(func(t *testing.T) []byte {
			return bytes.ReplaceAll(bytesOf(t, "c/data-processor", "get-config", "get-confit"), []byte("emit-event"), []byte("emit-evend"))
		}, nil), `: 2 imports missing: witgen:plugins/host-api\.get-confit \(not implemented; did you mean get-config\?\), witgen:plugins/host-api\.emit-evend \(not implemented; did you mean emit-event\?\)$`},
		{"imports of all kinds", "RT203", func(t *testing.T) error {
			p := pooled()
			p.Deny = policy.Refuse
			p.HostCalls = map[string]policy.HostCall{"witgen:plugins/host-api": {Deny: true}}
			wasm := bytes.ReplaceAll(bytesOf(t, "broken/changed", "emit-event", "emit-evend"), []byte("log-message"), []byte("log-massage"))
			_, err := plugin.Add(t.Context(), newHost(t), "greeter", world(), plugin.Options{Policy: p, Source: plugin.Bytes("greeter.wasm", wasm)})
			return err
		}, `: 4 imports missing: witgen:plugins/host-api\.log-massage \(not implemented; did you mean log-message\?\), witgen:plugins/host-api\.get-config \(result: guest option<list<u8>>, host option<string>\), ` +
			`witgen:plugins/host-api\.emit-evend \(not implemented; did you mean emit-event\?\), witgen:plugins/host-api@0\.1\.0 \(denied by policy\); ` +
			`to review: plugins\.greeter\.host_calls\["witgen:plugins/host-api"\]: {per_call: N}; export witgen:plugins/plugin-api@0\.1\.0\.process: result: `},
		{"export", "RT204", loads(patched("broken/other", "", ""), nil),
			`failed at check: missing export witgen:plugins/plugin-api \(world witgen:plugins/plugin@0\.1\.0\)$`},
		{"inside", "RT205", loads(func(t *testing.T) []byte {
			wasm := bytesOf(t, "c/data-processor", "", "")
			copy(wasm[bytes.LastIndex(wasm, []byte("\x06memory")):], "\x06memorx") // an alias
			return wasm
		}, nil), `failed at check: component: at 0xe9c: core instance 2 has no export named "memorx"$`},
		{"memory at start", "RT206", loads(patched("rust/data-processor", "", ""), func(p *policy.Policy) { p.Limits.Memory = 1 << 20 }),
			`failed at check: needs 1088KiB of memory at start, limit 1MiB: raise limits\.memory$`},
		{"nil import", "RT207", func(t *testing.T) error {
			w := plugin.Of(api.Prepare, func() api.Imports { return api.Imports{} })
			_, err := plugin.Add(t.Context(), newHost(t), "greeter", w, plugin.Options{Policy: pooled(), Source: guest(t, "c/data-processor")})
			return err
		}, `failed at check: plugin\.Imports\.HostAPI is nil \(witgen:plugins/host-api@0\.1\.0\)$`},
		{"trap", "RT301", calls("trap", 0, nil, nil), "^trap in trap: wasm trap: wasm `unreachable` instruction executed"},
		{"bounds", "RT302", calls("bounds", 0, nil, nil), `^trap in bounds: wasm trap: out of bounds memory access`},
		{"recursion", "RT303", calls("recurse", 0, nil, deadline(time.Minute)), `^trap in recurse: wasm trap: call stack exhausted: recursion needs more than`},
		{"fuel", "RT304", calls("spin", 0, nil, func(p *policy.Policy) { p.Limits.FuelPerCall = 50_000_000 }), `^trap in spin: wasm trap: fuel used up`},
		{"deadline", "RT305", calls("spin", 0, nil, deadline(50*time.Millisecond)), `^trap in spin: wasm trap: context done: deadline of the plugin's policy exceeded, 50ms`},
		{"deadline in a host function", "RT305", calls("ask", 0, blocked, deadline(50*time.Millisecond)), `^trap in ask: .*"?host"?.*deadline of the plugin's policy exceeded, 50ms`},
		{"memory", "RT306", func(t *testing.T) error {
			c := various()
			c.funcs[0].code = param + grow + one + "\x6a\x04\x40\x05" + trapped + "\x0b" + zero // traps if it is denied
			_, err := call(t.Context(), addRaw(t, newHost(t), "greeter", c, nil, nil), "answer", 600)
			return err
		}, `; memory: growth to 37\.6 MiB denied: limit of the instance 32\.0 MiB`},
		{"panic", "RT307", calls("ask", 0, func(context.Context, uint32) (uint32, error) {
			return uint32(none["x"].n), nil
		}, nil), `^trap in ask: wasm trap: host: host function panicked: runtime error: invalid memory address`},
		{"host calls", "RT308", calls("nag", 0, nil, func(p *policy.Policy) { p.Limits.HostCallsPerCall = 100 }), `Limits\.HostCalls`},
		{"overloaded", "RT501", overloaded, `^plugin greeter: overloaded: 1 of 1 busy, 1 queued`},
		{"breaker", "RT502", func(t *testing.T) (err error) {
			s := addRaw(t, newHost(t), "greeter", various(), nil, nil)
			for range 6 {
				_, err = call(t.Context(), s, "trap", 0)
			}
			return err
		}, `^plugin greeter: unavailable: breaker open since \d\d:\d\d:\d\d \(5 in a row failed: trap 5\), next probe in `},
		{"init", "RT503", func(t *testing.T) error {
			w := rawWorld(nil)
			fails := false
			w.Init = func(context.Context, raw, map[string]string) error {
				if fails {
					return errors.New("database_url not configured")
				}
				return nil
			}
			s, err := plugin.Add(t.Context(), newHost(t), "greeter", w, plugin.Options{Policy: pooled(), Source: various().source()})
			if err != nil {
				t.Fatal(err)
			}
			fails = true
			c := various()
			c.mark = "2"
			_, err = s.Load(t.Context(), c.source())
			return err
		}, `failed at probe: initialize: database_url not configured; still serving [0-9a-f]{12} since \d\d:\d\d:\d\d$`},
		{"refused", "RT203", func(t *testing.T) error {
			p := pooled()
			p.Deny = policy.Refuse
			wasm, err := os.ReadFile("../wasi/testdata/net.wasm")
			if err != nil {
				t.Fatal(err)
			}
			_, err = plugin.Add(t.Context(), newHost(t), "greeter", rawWorld(nil), plugin.Options{Policy: p, Source: plugin.Bytes("net", wasm)})
			return err
		}, `failed at check: 5 imports missing: wasi:sockets/udp@0\.2\.6 \(denied by policy\), .*; to review: plugins\.greeter\.net\.allow: \["udp:HOST:PORT"\]; to review: plugins\.greeter\.net\.allow: \["tcp:HOST:PORT"\]; to review: plugins\.greeter\.net\.allow: \["dns:HOST"\]$`},
		{"denied", "RT401", func(t *testing.T) error {
			seen := &events{}
			s := addRaw(t, observed(t, seen), "greeter", various(), nil, func(p *policy.Policy) {
				p.HostCalls = map[string]policy.HostCall{"host": {PerCall: 2}}
			})
			if _, err := call(t.Context(), s, "nag", 0); err == nil {
				t.Fatal("no error")
			}
			return seen.wait(t, plugin.DeniedUse).Err
		}, `^denied: host call host \(granted: 2 in a call\); to review: plugins\.greeter\.host_calls: "host": {per_call: 3}$`},
		{"too many calls", "RT308", calls("nag", 0, nil, func(p *policy.Policy) {
			p.HostCalls = map[string]policy.HostCall{"host": {PerCall: 2}}
		}), `^trap in nag: wasm trap: host: no calls of it are left \(the policy's host_calls: "host": {per_call: 2}\)`},
		{"bytes", "RT308", func(t *testing.T) error {
			p := pooled()
			p.HostCalls = map[string]policy.HostCall{"witgen:plugins/host-api.log-message": {Bytes: 1 << 10}}
			s, err := plugin.Add(t.Context(), newHost(t), "greeter", world(), plugin.Options{Policy: p, Source: guest(t, "c/data-processor")})
			if err != nil {
				t.Fatal(err)
			}
			_, err = process(t.Context(), s, strings.Repeat("x", 2<<10))
			return err
		}, `host-api@0\.1\.0#log-message: its arguments take more bytes than are left \(the policy's host_calls: "witgen:plugins/host-api\.log-message": {bytes: 1KiB}\)`},
		{"private address", "RT402", func(t *testing.T) error {
			file := readPolicy(t, "version: 1\nplugins: {net: {net: {allow: ['tcp:*:80']}}}\n")
			p := file.Plugin("net")
			denials := deniedAsk(t, "169.254.169.254:80", &p)
			if len(denials) == 0 {
				t.Fatal("nothing was denied")
			}
			return denials[0].Err
		}, `^denied: net connect 169\.254\.169\.254:80 \(metadata address\); to review: plugins\.net\.net\.allow: \["tcp:169\.254\.169\.254:80"\]$`},
		{"rolled back", "RT504", func(t *testing.T) error {
			seen := &events{}
			s := addRaw(t, observed(t, seen), "greeter", various(), nil, nil)
			c := various()
			c.mark = "2"
			r, err := s.Stage(t.Context(), c.source())
			if err == nil {
				err = s.Canary(r, plugin.Ramp{Steps: []float64{0.05, 1}})
			}
			if err == nil {
				err = s.Rollback(t.Context(), `trap "unreachable" 4 of 212`)
			}
			if err != nil {
				t.Fatal(err)
			}
			return seen.wait(t, plugin.RolledBack).Err
		}, `^canary [0-9a-f]{12} rolled back at 5%: trap "unreachable" 4 of 212$`},
		{"cache", "RT601", damagedCache, `^damaged entry of the component cache: `},
	} {
		explained[tt.code] = true
		t.Run(tt.name, func(t *testing.T) {
			err := tt.provoke(t)
			if err == nil {
				t.Fatal("no error")
			}
			if got := plugin.Code(err); got != tt.code {
				t.Errorf("code %q, want %q: %v", got, tt.code, err)
			}
			if !regexp.MustCompile(tt.want).MatchString(err.Error()) {
				t.Errorf("got\n%v\nwant\n%s", err, tt.want)
			}
		})
	}
	for code := range explained {
		if cause, remedy := plugin.Explain(code); (cause == "" || remedy == "") != (code == "") {
			t.Errorf("%s is explained with %q, %q", code, cause, remedy)
		}
	}
	for _, code := range plugin.Codes() {
		if !explained[code] {
			t.Errorf("%s is explained, and nothing has it", code)
		}
	}
	for _, err := range []error{nil, errors.New("RT304"), plugin.ErrClosed, context.Canceled} {
		if code := plugin.Code(err); code != "" {
			t.Errorf("%v has the code %s", err, code)
		}
	}
}

// damagedCache loads a plugin from a cache whose entries are damaged: that works, and
// the log has the code.
func damagedCache(t *testing.T) error {
	dir := t.TempDir()
	var log strings.Builder
	load := func() *plugin.Host {
		h, err := plugin.New(t.Context(), plugin.Config{Logger: slog.New(slog.NewTextHandler(&log, nil)), Engine: rt.Config{CacheDir: dir}})
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close(context.Background())
		addRaw(t, h, "greeter", various(), nil, nil)
		return h
	}
	load()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil || len(content) < 100 {
			return err
		}
		content[len(content)/2] ^= 1
		return os.WriteFile(path, content, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	last := load().Engine().Cache().Last
	if !strings.Contains(log.String(), "code=RT601") {
		t.Errorf("the log has no code: %s", &log)
	}
	return last
}

// changing loads a file that is written to all the time.
func changing(t *testing.T) error {
	t.Parallel() // it waits for the file to settle
	path := filepath.Join(t.TempDir(), "greeter.wasm")
	done := make(chan struct{})
	var writer sync.WaitGroup
	defer writer.Wait()
	defer close(done)
	wasm := bytesOf(t, "c/data-processor", "", "")
	write := func(n int) {
		if err := os.WriteFile(path, append(wasm, strings.Repeat("\x00\x01\x00", n)...), 0o600); err != nil {
			t.Error(err)
		}
	}
	write(0)
	writer.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
				write(n % 100)
			}
		}
	})
	h := newHost(t)
	for range 5 { // as the machine may leave the writer alone for long enough
		s, err := plugin.Add(t.Context(), h, "greeter", world(), plugin.Options{Policy: pooled(), Source: plugin.File(path)})
		if err != nil {
			return err
		}
		if err := s.Unload(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return nil
}

// overloaded makes one call more than there may be.
func overloaded(t *testing.T) error {
	entered, leave := make(chan struct{}), make(chan struct{})
	s := addRaw(t, newHost(t), "greeter", various(), func(context.Context, uint32) (uint32, error) {
		entered <- struct{}{}
		<-leave
		return 0, nil
	}, func(p *policy.Policy) { p.Limits.Instances, p.Limits.Queue = 1, 1 })
	var others sync.WaitGroup
	defer others.Wait()
	others.Go(func() { _, _ = call(t.Context(), s, "ask", 0) })
	<-entered
	others.Go(func() { _, _ = call(t.Context(), s, "answer", 0) })
	for s.Status().Stable.Pool.Waiting == 0 {
		time.Sleep(time.Millisecond)
	}
	_, err := call(t.Context(), s, "answer", 0)
	close(leave)
	return err
}
