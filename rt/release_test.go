package rt_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/rt"
)

// TestClosedHoldsNoMemory keeps closed instances, as a registry might.
func TestClosedHoldsNoMemory(t *testing.T) {
	ctx := context.Background()
	p := prepare(t, hostile)
	use := func() *plugin.Plugin {
		in, err := p.Instantiate(ctx, plugin.Imports{HostAPI: &host{}}, rt.InstanceConfig{})
		if err != nil {
			t.Fatal(err)
		}
		if err := echo(ctx, in.PluginAPI, "emit"); err != nil {
			t.Fatal(err)
		}
		if err := in.Close(ctx); err != nil {
			t.Fatal(err)
		}
		return in
	}
	use()
	before := heap()
	var closed []*plugin.Plugin
	for range 20 {
		closed = append(closed, use())
	}
	if each := (int64(heap()) - int64(before)) / int64(len(closed)); each > 32<<10 {
		t.Errorf("a closed instance holds %d KiB", each>>10)
	}
	runtime.KeepAlive(closed)
}

// heap returns how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
