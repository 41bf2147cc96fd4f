package wasi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wasi"
	"github.com/witgen/witgen/rt/wasi/draft/keyvalue/atomics"
	"github.com/witgen/witgen/rt/wasi/draft/keyvalue/batch"
	"github.com/witgen/witgen/rt/wasi/draft/keyvalue/store"
	"github.com/witgen/witgen/rt/wasi/draft/keyvalue/watchservice"
	"github.com/witgen/witgen/wit"
)

// drafts runs the command that calls the drafts.
func drafts(t *testing.T, c wasi.Config, args ...string) result {
	t.Helper()
	var stdout bytes.Buffer
	c.Stdout, c.Args = &stdout, append([]string{"drafts"}, args...)
	code, err := wasi.Run(t.Context(), component(t, "drafts.wasm"), rt.InstanceConfig{}, c)
	return result{code: code, err: err, stdout: stdout.String()}
}

// lines are what a command prints.
func lines(list ...string) result { return result{stdout: strings.Join(list, "\n") + "\n"} }

func TestDraftConfig(t *testing.T) {
	settings := wasi.SettingsMap{"b": "two", "a": "one", "c": ""}
	for _, test := range []struct {
		name     string
		settings wasi.Settings
		key      string
		get, all string
		failure  string
	}{
		{"none", nil, "a", "Ok(None)", "Ok([])", ""},
		{"there", settings, "b", `Ok(Some("two"))`, `Ok([("a", "one"), ("b", "two"), ("c", "")])`, ""},
		{"not there", settings, "d", "Ok(None)", `Ok([("a", "one"), ("b", "two"), ("c", "")])`, ""},
		{"failed", broken{}, "a", "", "", "the configuration cannot be read"},
	} {
		want := slices.Repeat([]string{test.get, test.all}, 3)
		if test.failure != "" {
			e := fmt.Sprintf("Err(Error::Upstream(%q))", test.failure)
			former := fmt.Sprintf("Err(ConfigError::Upstream(%q))", test.failure)
			want = []string{e, e, e, e, former, former}
		}
		if got := drafts(t, wasi.Config{Settings: test.settings}, "config", test.key); got != lines(want...) {
			t.Errorf("%s: got %+v, want %q", test.name, got, want)
		}
	}
}

// broken is settings that cannot be read.
type broken struct{}

var errBroken = errors.New("open /etc/app.conf: permission denied")

func (broken) Get(context.Context, string) (string, bool, error) { return "", false, errBroken }
func (broken) All(context.Context) (map[string]string, error)    { return nil, errBroken }
func (broken) Open(context.Context, string) (wasi.Bucket, error) { return nil, errBroken }

func TestDraftLogging(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	if got := drafts(t, wasi.Config{Log: logger}, "log", "db", "it is slow"); got != (result{}) {
		t.Errorf("got %+v", got)
	}
	var want strings.Builder
	for _, level := range []string{"DEBUG", "INFO", "WARN", "ERROR", "ERROR+4"} {
		fmt.Fprintf(&want, "level=%s msg=\"it is slow\" context=db\n", level)
	}
	want.WriteString("level=WARN msg=\"it is slow\"\n")
	if log.String() != want.String() {
		t.Errorf("got\n%s\nwant\n%s", log.String(), want.String())
	}
	log.Reset()
	if got := drafts(t, wasi.Config{Log: logger}, "log-long", "1000000"); got != (result{}) || log.Len() > 17_000 || log.Len() < 16_000 {
		t.Errorf("got %+v, and %d bytes", got, log.Len())
	}
	if got := drafts(t, wasi.Config{}, "log", "db", "it is slow"); got != (result{}) {
		t.Errorf("without a log: %+v", got)
	}
}

func TestDraftKeyValue(t *testing.T) {
	for _, test := range []struct {
		name string
		kv   wasi.KeyValue
		args string
		want result
	}{
		{"store", new(wasi.MemoryStore), "store default", lines(
			"none false", `one true ""`, "40 -10",
			`Err(Error::Other("the value is not a number"))`, `Err(Error::Other("the number would be too small"))`,
			`[Some(("x", [49])), None, Some(("y", [50]))]`, `["a", "n", "y"] None`, "Some(Error::NoSuchStore)",
		)},
		{"the older draft", new(wasi.MemoryStore), "draft default", lines(
			"none false", "one", `40 Err(Error::Other("the number would be too large"))`,
			`[Some(("k0007", [118])), None]`,
			"1000 k0000 Some(1000)", "1000 k1000 Some(2000)", "500 k2000 None", "2500 k2499 0",
		)},
		{"cas", new(wasi.MemoryStore), "cas default", lines(
			"none", "true", "true", "failed at 2", "true", "3",
			`Error::Other("a value of 17825792 bytes: 16777216 are permitted")`,
		)},
		{"large", new(wasi.MemoryStore), "large 20000", lines(
			"Some(Error::NoSuchStore)",
			`Some(Error::Other("a key of 20000 bytes: 1024 are permitted"))`,
			`Some(Error::Other("a key of 20000 bytes: 1024 are permitted"))`,
			`Some(Error::Other("a value of 20480000 bytes: 16777216 are permitted"))`,
			`Err(Error::Other("no such cursor"))`,
			`Err(Error::Other("20000 keys in a call: 10000 are permitted"))`,
		)},
		{"many", &wasi.MemoryStore{MaxKeys: 2500}, "many 3000", lines(`2500 Error::Other("the store is full")`, "2500 3")},
		{"no such bucket", new(wasi.MemoryStore), "store other", lines("Error::NoSuchStore")},
		{"broken", broken{}, "draft default", lines(`Error::Other("the store failed")`)},
	} {
		if got := drafts(t, wasi.Config{KeyValue: test.kv}, strings.Fields(test.args)...); got != test.want {
			t.Errorf("%s: got %+v (%v), want %+v", test.name, got, got.err, test.want)
		}
	}
}

// TestDraftDenied has guests ask for what they are not given.
func TestDraftDenied(t *testing.T) {
	var denials []wasi.Denial
	c := wasi.Config{Audit: func(_ context.Context, d wasi.Denial) { denials = append(denials, d) }}
	for _, args := range []string{"store default", "draft default"} {
		if got, want := drafts(t, c, strings.Fields(args)...), lines("Error::AccessDenied"); got != want {
			t.Errorf("%s: got %+v, want %+v", args, got, want)
		}
	}
	d := wasi.Denial{Capability: "keyvalue", Operation: "open", Target: "default", Reason: "there is no Config.KeyValue"}
	if want := []wasi.Denial{d, d}; !slices.Equal(denials, want) {
		t.Errorf("got %+v, want %+v", denials, want)
	}
}

// TestDraftShared has several instances count in one store.
func TestDraftShared(t *testing.T) {
	kv := new(wasi.MemoryStore)
	component(t, "drafts.wasm")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if got := drafts(t, wasi.Config{KeyValue: kv}, "increment", "default", "250"); got != (result{}) {
				t.Errorf("got %+v", got)
			}
		})
	}
	wg.Wait()
	if v, _, err := bucket(t, kv, "default").Get(t.Context(), "n"); string(v) != "1000" || err != nil {
		t.Errorf("got %q, %v, want 1000", v, err)
	}
}

// TestImportsDrafts compares what is offered of drafts with their WIT: the names
// with their versions, and the type of each function. No other version links.
func TestImportsDrafts(t *testing.T) {
	pkg, err := wit.Load(filepath.Join("draft", "wit"), wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	world, err := pkg.ChooseWorld("witgen:draft/imports")
	if err != nil {
		t.Fatal(err)
	}
	want, got := make(map[string]string), make(map[string]string)
	for _, im := range world.Imports {
		for _, f := range im.Interface.Funcs {
			want[im.Interface.ID()+" "+f.Name] = wit.FuncText(f)
		}
	}
	for _, im := range wasi.Imports(wasi.Config{}) {
		if strings.HasSuffix(im.Interface.Name, "@0.2.12") {
			continue
		}
		for _, f := range im.Interface.Funcs {
			got[im.Interface.Name+" "+f.Name] = f.Type
		}
	}
	if len(got) != draftFunctions || !maps.Equal(got, want) {
		t.Errorf("got %d functions\n%v\nwant those of the WIT\n%v", len(got), got, want)
	}
}

// watched is a bucket of a host's own.
type watched struct {
	store.UnimplementedBucket
	did []string
}

func (w *watched) Set(_ context.Context, key string, value []byte) error {
	w.did = append(w.did, fmt.Sprintf("set %s=%s", key, value))
	return nil
}

func (w *watched) Delete(_ context.Context, key string) error {
	w.did = append(w.did, "delete "+key)
	return nil
}

func (w *watched) Close(context.Context) error {
	w.did = append(w.did, "close")
	return nil
}

// TestDraftWatcher tells a guest of changes, which does something with the bucket.
func TestDraftWatcher(t *testing.T) {
	ctx := t.Context()
	p, err := watchservice.Instantiate(ctx, component(t, "drafts.wasm"), watchservice.Imports{
		Store: store.UnimplementedStore{}, Atomics: atomics.UnimplementedAtomics{}, Batch: batch.UnimplementedBatch{},
	}, rt.InstanceConfig{Imports: wasi.Imports(wasi.Config{})})
	if err != nil {
		t.Fatal(err)
	}
	w := new(watched)
	if err := p.Watcher.OnSet(ctx, w, "k", []byte("v")); err != nil {
		t.Error(err)
	}
	if err := p.Watcher.OnDelete(ctx, w, "k"); err != nil {
		t.Error(err)
	}
	if err := p.Close(ctx); err != nil {
		t.Error(err)
	}
	if want := []string{"set seen k=v", "close", "delete seen k", "close"}; !slices.Equal(w.did, want) {
		t.Errorf("got %q, want %q", w.did, want)
	}
}
