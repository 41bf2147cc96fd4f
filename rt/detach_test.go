package rt

import (
	"context"
	"testing"
)

// TestDetached: whoever still has a closed instance's memory sees nothing in
// it.
func TestDetached(t *testing.T) {
	e, err := NewEngine(t.Context(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(context.Background())
	wasm := "\x00asm\x0d\x00\x01\x00" + "\x01\x0d\x00asm\x01\x00\x00\x00\x05\x03\x01\x00\x02" + "\x02\x04\x01\x00\x00\x00"
	c, err := e.Compile(t.Context(), []byte(wasm))
	if err != nil {
		t.Fatal(err)
	}
	in, err := c.Instantiate(t.Context(), InstanceConfig{Limits: Limits{Memory: 2 << 16}})
	if err != nil {
		t.Fatal(err)
	}
	memory := in.modules[0].Memory()
	if _, ok := memory.Read(0, 2<<16); !ok {
		t.Fatal("there is no memory")
	}
	if err := in.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if memory.Size() != 0 {
		t.Errorf("it has %d bytes", memory.Size())
	}
	if memory.WriteByte(0, 1) {
		t.Error("it can be written to")
	}
	if use := in.Memory(); use.Denied != 0 {
		t.Errorf("closing is counted: %+v", use)
	}
}
