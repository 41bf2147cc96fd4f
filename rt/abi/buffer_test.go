package abi

import (
	"context"
	"testing"
)

// TestBuffered has several lists of one result share a buffer.
func TestBuffered(t *testing.T) {
	m, fill := NewTestMem(t)
	fill([]byte("0123456789"))
	b := WithBuffer(context.Background(), make([]byte, 0, 6)).(*buffered)
	m.buffer = b.buf
	one, two, three := m.LiftBytes(0, 4), m.LiftBytes(4, 3), m.LiftBytes(7, 2)
	if string(one) != "0123" || string(two) != "456" || string(three) != "78" {
		t.Fatalf("got %q, %q, %q", one, two, three)
	}
	if all := b.buf[:6]; string(all) != "012378" {
		t.Errorf("the buffer has %q", all)
	}
	if _ = append(one, "overwritten"...); string(three) != "78" {
		t.Errorf("appending to one list changes another: %q", three)
	}
}

// TestShared has the short strings of a long list share memory: each is what it
// was, also when the guest's memory is not any more.
func TestShared(t *testing.T) {
	m, fill := NewTestMem(t)
	text := make([]byte, 0, 4000)
	for i := range 4000 {
		text = append(text, 'a'+byte(i%26))
	}
	fill(text)
	if list := MakeList[string](m, 0, manyElements, 8, 4); list == nil {
		t.Fatal(m.Err())
	}
	var got []string
	for i := range uint32(200) {
		got = append(got, m.LiftString(i, i%(shortString+8)))
	}
	fill(make([]byte, 4000))
	for i, s := range got {
		if want := string(text[i:][:i%(shortString+8)]); s != want {
			t.Errorf("string %d: got %q, want %q", i, s, want)
		}
	}
}
