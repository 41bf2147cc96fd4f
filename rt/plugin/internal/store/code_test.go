package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPut: code is found as it was stored, in files for the user alone.
func TestPut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b")
	d := openDir(t, path)
	for _, data := range [][]byte{{}, []byte("x"), codeOf(1), make([]byte, 3<<20)} {
		digest := DigestOf(data)
		if ok, err := d.Has(digest); ok || err != nil {
			t.Errorf("before: %v, %v", ok, err)
		}
		if _, err := d.Get(t.Context(), digest); !errors.Is(err, ErrNotStored) {
			t.Errorf("before: %v, want ErrNotStored", err)
		}
		for range 2 {
			h, err := d.Put(t.Context(), data)
			if err != nil || h.Digest() != digest {
				t.Fatalf("Put: %v, %v", h, err)
			}
			h.Release()
			h.Release()
		}
		got, err := d.Get(t.Context(), digest)
		if err != nil || string(got) != string(data) {
			t.Errorf("%d bytes, %v; want %d", len(got), err, len(data))
		}
		if ok, err := d.Has(digest); !ok || err != nil {
			t.Errorf("after: %v, %v", ok, err)
		}
	}
	list, err := d.List()
	then(t, err)
	if len(list) != 4 || !slices.IsSortedFunc(list, func(a, b Code) int { return slices.Compare(a.Digest[:], b.Digest[:]) }) {
		t.Errorf("list = %v", list)
	}
	if len(d.held) > 0 {
		t.Errorf("held = %v", d.held)
	}
	then(t, d.Close())
	again := openDir(t, path)
	if got, err := again.List(); err != nil || !slices.Equal(got, list) {
		t.Errorf("list = %v, %v; want %v", got, err, list)
	}
}

// TestDamagedCode: code that is not what was stored is never served, is put
// aside, and can be stored again.
func TestDamagedCode(t *testing.T) {
	for _, test := range []struct {
		name   string
		damage func([]byte) []byte
	}{
		{"flipped", func(b []byte) []byte { b[len(b)/2] ^= 1; return b }},
		{"cut", func(b []byte) []byte { return b[:len(b)-1] }},
		{"empty", func([]byte) []byte { return nil }},
		{"longer", func(b []byte) []byte { return append(b, 0) }},
		{"other code", func([]byte) []byte { return codeOf(2) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := openDir(t, t.TempDir())
			digest := put(t, d, 1)
			file := d.code(digest)
			bad := test.damage(codeOf(1))
			then(t, os.WriteFile(file, bad, 0o600))
			data, err := d.Get(t.Context(), digest)
			damage, ok := errors.AsType[*DamageError](err)
			if !ok || data != nil {
				t.Fatalf("%d bytes, %v; want a DamageError", len(data), err)
			}
			if damage.Path != file || !strings.Contains(err.Error(), DigestOf(bad).String()) {
				t.Errorf("%v", err)
			}
			if aside, err := os.ReadFile(damage.Aside); err != nil || string(aside) != string(bad) {
				t.Errorf("aside: %q, %v", aside, err)
			}
			if ok, err := d.Has(digest); ok || err != nil {
				t.Errorf("it is still there: %v, %v", ok, err)
			}
			put(t, d, 1)
			if data, err := d.Get(t.Context(), digest); err != nil || string(data) != string(codeOf(1)) {
				t.Errorf("stored again: %v", err)
			}
			then(t, os.WriteFile(file, bad, 0o600)) // and noticed by Put itself
			put(t, d, 1)
			if data, err := d.Get(t.Context(), digest); err != nil || string(data) != string(codeOf(1)) {
				t.Errorf("stored over damage: %v", err)
			}
		})
	}
}

// TestRepaired: code that was stored again since it was found damaged is not put
// aside.
func TestRepaired(t *testing.T) {
	l := newLossy()
	d := openOn(t, l)
	digest := put(t, d, 1)
	l.setBytes(d.code(digest), []byte("bad"))
	l.fail = func(_ int, call string) error {
		if strings.HasPrefix(call, "close ") { // of what was read
			l.setBytes(d.code(digest), codeOf(1))
		}
		return nil
	}
	_, err := d.Get(t.Context(), digest)
	if damage, ok := errors.AsType[*DamageError](err); !ok || damage.Aside != "" {
		t.Errorf("Get = %v", err)
	}
	if data, err := d.Get(t.Context(), digest); err != nil || string(data) != string(codeOf(1)) {
		t.Errorf("stored again: %v", err)
	}
}

// TestPutCancelled: code of which only a part is written never has its name.
func TestPutCancelled(t *testing.T) {
	l := newLossy()
	d := openOn(t, l)
	ctx, cancel := context.WithCancel(t.Context())
	l.fail = func(_ int, call string) error {
		if strings.HasPrefix(call, "write") {
			cancel()
		}
		return nil
	}
	data := make([]byte, 3<<20)
	if _, err := d.Put(ctx, data); !errors.Is(err, context.Canceled) {
		t.Errorf("Put = %v", err)
	}
	if list, err := l.list(d.at(codeDir)); err != nil || len(list) > 0 {
		t.Errorf("%v is left, %v", list, err)
	}
	if len(d.held) > 0 {
		t.Errorf("held = %v", d.held)
	}
}

// TestDigest: what is written of each name is read again, in no other way.
func TestDigest(t *testing.T) {
	want := DigestOf([]byte("x"))
	text, err := want.MarshalText()
	then(t, err)
	var got Digest
	if err := got.UnmarshalText(text); err != nil || got != want {
		t.Errorf("%s: %v, %v", text, got, err)
	}
	if got, ok := digestOfFile(want.file()); !ok || got != want {
		t.Errorf("%s: %v, %v", want.file(), got, ok)
	}
	for _, bad := range []string{"", "sha256:", string(text[:70]), string(text) + "0", strings.ToUpper(string(text)),
		strings.Replace(string(text), "sha256:", "sha512:", 1), "sha256:" + strings.ToUpper(string(text[7:])),
		string(text[:70]) + "g"} {
		if err := got.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
	for _, bad := range []string{"", codeSuffix, strings.ToUpper(want.file()), want.file() + "x", ".tmp-" + want.file()} {
		if _, ok := digestOfFile(bad); ok {
			t.Errorf("%q is a file of code", bad)
		}
	}
	var id Identity
	var salt Salt
	if id.UnmarshalText([]byte("00")) == nil || salt.UnmarshalText(nil) == nil {
		t.Error("names of the wrong length are read")
	}
	if err := (&FaultError{Full, fs.ErrInvalid}); !errors.Is(err, fs.ErrInvalid) {
		t.Error("a fault does not have its cause in it")
	}
}
