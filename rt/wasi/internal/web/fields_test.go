package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

var (
	syntax    error = types.HeaderErrorInvalidSyntax{}
	forbid    error = types.HeaderErrorForbidden{}
	immutable error = types.HeaderErrorImmutable{}
)

// text is fields as "name: value" lines.
func text(t *testing.T, f types.Fields) []string {
	t.Helper()
	entries, err := f.Entries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, e := range entries {
		lines = append(lines, e.F0+": "+string(e.F1))
	}
	return lines
}

func TestFieldChecks(t *testing.T) {
	tests := []struct {
		name, value string
		want        error
	}{
		{"x", "v", nil},
		{"X-Any!#$%&'*+-.^_`|~", " spaces \t and \x80\xff ", nil},
		{"x", "", nil},
		{"", "v", syntax},
		{"a b", "v", syntax},
		{"a:", "v", syntax},
		{":path", "v", syntax},
		{"na\xc3\xafve", "v", syntax},
		{"x", "a\r\nx-evil: 1", syntax},
		{"x", "a\nb", syntax},
		{"x", "a\x00", syntax},
		{"x", "a\x7f", syntax},
		{"host", "v", forbid},
		{"HOST", "v", forbid},
		{"Connection", "close", forbid},
		{"keep-alive", "5", forbid},
		{"proxy-authenticate", "v", forbid},
		{"proxy-authorization", "v", forbid},
		{"proxy-connection", "v", forbid},
		{"Transfer-Encoding", "chunked", forbid},
		{"transfer-encoding", "a\nb", syntax}, // syntax comes first
		{"upgrade", "h2c", forbid},
		{"http2-settings", "v", forbid},
		{"content-length", "0", nil},
		{"Content-Length", "12", nil},
		{"content-length", "+5", syntax},
		{"content-length", " 5", syntax},
		{"content-length", "5 ", syntax},
		{"content-length", "5, 5", syntax},
		{"content-length", "0x5", syntax},
		{"content-length", "-1", syntax},
		{"content-length", "", syntax},
		{"content-length", "18446744073709551616", syntax},
		{"content-length", "9223372036854775808", syntax},
	}
	for _, tt := range tests {
		f := &Fields{}
		if err := f.Append(t.Context(), tt.name, []byte(tt.value)); !errors.Is(err, tt.want) {
			t.Errorf("append(%q, %q) = %v, want %v", tt.name, tt.value, err, tt.want)
		}
		if err := f.Set(t.Context(), tt.name, [][]byte{[]byte(tt.value)}); !errors.Is(err, tt.want) {
			t.Errorf("set(%q, %q) = %v, want %v", tt.name, tt.value, err, tt.want)
		}
		list := []cm.Tuple2[string, []byte]{{F0: tt.name, F1: []byte(tt.value)}}
		if _, err := New(Options{}).FieldsFromList(t.Context(), list); !errors.Is(err, tt.want) {
			t.Errorf("from-list(%q, %q) = %v, want %v", tt.name, tt.value, err, tt.want)
		}
		frozen := &Fields{frozen: true}
		want := tt.want
		if want == nil {
			want = immutable // comes last
		}
		if err := frozen.Append(t.Context(), tt.name, []byte(tt.value)); !errors.Is(err, want) {
			t.Errorf("append(%q, %q) to immutable fields = %v, want %v", tt.name, tt.value, err, want)
		}
	}
}

// TestOneLength tells fields that a message has two lengths.
func TestOneLength(t *testing.T) {
	f, five, six := &Fields{}, []byte("5"), []byte("6")
	if err := f.Append(t.Context(), "content-length", five); err != nil {
		t.Fatal(err)
	}
	if err := f.Append(t.Context(), "Content-Length", six); !errors.Is(err, syntax) {
		t.Errorf("append of another length = %v, want %v", err, syntax)
	}
	if err := f.Set(t.Context(), "content-length", [][]byte{five, six}); !errors.Is(err, syntax) {
		t.Errorf("set of two lengths = %v, want %v", err, syntax)
	}
	if err := f.Set(t.Context(), "content-length", [][]byte{six}); err != nil {
		t.Errorf("set of another length = %v", err)
	}
	if got := text(t, f); !slices.Equal(got, []string{"content-length: 6"}) {
		t.Errorf("fields = %q", got)
	}
	list := []cm.Tuple2[string, []byte]{{F0: "content-length", F1: five}, {F0: "CONTENT-LENGTH", F1: five}}
	if _, err := New(Options{}).FieldsFromList(t.Context(), list); !errors.Is(err, syntax) {
		t.Errorf("from-list of two lengths = %v, want %v", err, syntax)
	}
}

func TestFields(t *testing.T) {
	ctx := t.Context()
	f, err := New(Options{}).NewFields(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{"1", "2"} {
		f.Append(ctx, "B", []byte(v))
	}
	f.Append(ctx, "a", nil)
	f.Append(ctx, "b", []byte("3"))
	if got, want := text(t, f), []string{"B: 1", "B: 2", "a: ", "b: 3"}; !slices.Equal(got, want) {
		t.Errorf("entries = %q, want %q", got, want)
	}
	if got, _ := f.Get(ctx, "b"); len(got) != 3 || string(got[2]) != "3" {
		t.Errorf("get = %q", got)
	}
	if got, err := f.Get(ctx, "no such\n"); len(got) != 0 || err != nil {
		t.Errorf("get of a bad name = %q, %v", got, err)
	}
	for name, want := range map[string]bool{"A": true, "a": true, "c": false, "no such\n": false, "host": false} {
		if got, err := f.Has(ctx, name); got != want || err != nil {
			t.Errorf("has(%q) = %v, %v, want %v", name, got, err, want)
		}
	}
	c, _ := f.Clone(ctx)
	c.Delete(ctx, "B")
	if got := text(t, c); !slices.Equal(got, []string{"a: "}) {
		t.Errorf("after delete: %q", got)
	}
	f.Set(ctx, "a", nil)
	if got, want := text(t, f), []string{"B: 1", "B: 2", "b: 3"}; !slices.Equal(got, want) {
		t.Errorf("after set to none: %q, want %q", got, want)
	}
	if err := f.Delete(ctx, "a b"); !errors.Is(err, syntax) {
		t.Errorf("delete of a bad name = %v", err)
	}
	if err := f.Delete(ctx, "Host"); !errors.Is(err, forbid) {
		t.Errorf("delete of host = %v", err)
	}
}

// TestImmutable makes fields those of a message.
func TestImmutable(t *testing.T) {
	ctx := t.Context()
	h := New(Options{})
	f, _ := h.NewFields(ctx)
	f.Append(ctx, "a", []byte("1"))
	r, err := h.NewOutgoingRequest(ctx, f)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := r.Headers(ctx)
	for what, err := range map[string]error{
		"append":                got.Append(ctx, "b", nil),
		"set":                   got.Set(ctx, "a", nil),
		"delete":                got.Delete(ctx, "a"),
		"those that were given": f.Append(ctx, "b", nil),
	} {
		if !errors.Is(err, immutable) {
			t.Errorf("%s = %v, want %v", what, err, immutable)
		}
	}
	c, _ := got.Clone(ctx)
	if err := c.Append(ctx, "b", nil); err != nil {
		t.Errorf("append to a clone = %v", err)
	}
	if got := text(t, got); !slices.Equal(got, []string{"a: 1"}) {
		t.Errorf("headers = %q after a clone was changed", got)
	}
}

// TestFieldsBomb adds fields until the host has enough of it: many empty ones,
// and one large one.
func TestFieldsBomb(t *testing.T) {
	ctx := t.Context()
	f := &Fields{}
	n := 0
	for ; n < 1_000_000; n++ {
		if err := f.Append(ctx, "x", nil); err != nil {
			if !errors.Is(err, errFields) {
				t.Fatal(err)
			}
			break
		}
	}
	if n < 3000 || n > 4096 {
		t.Errorf("took %d empty fields", n)
	}
	if err := f.Set(ctx, "x", nil); err != nil || f.size != 0 {
		t.Errorf("set to none = %v, size %d", err, f.size)
	}
	if err := f.Append(ctx, "x", make([]byte, maxFields)); err == nil {
		t.Error("took 128 KiB")
	}
	if err := f.Append(ctx, "x", []byte(strings.Repeat("v", maxFields-perField-1))); err != nil {
		t.Errorf("did not take what fits: %v", err)
	}
}

// TestArrived has a message arrive with what is not the guest's affair.
func TestArrived(t *testing.T) {
	h := http.Header{"B": {"2", "3"}, "A": {"1"}}
	for _, name := range forbidden {
		h.Set(name, "evil")
	}
	f, err := arrived(h, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := text(t, f), []string{"A: 1", "B: 2", "B: 3"}; !slices.Equal(got, want) {
		t.Errorf("fields = %q, want %q", got, want)
	}
	if !f.frozen {
		t.Error("the fields can be changed")
	}
	for i := range 5000 {
		h[fmt.Sprint("X", i)] = []string{""}
	}
	if _, err := arrived(h, nil); !errors.Is(err, errFields) {
		t.Errorf("5,000 fields: %v", err)
	}
}
