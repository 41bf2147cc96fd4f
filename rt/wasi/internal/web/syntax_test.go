package web

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

// newRequest returns a request without headers.
func newRequest(t *testing.T, h *Host) *OutgoingRequest {
	t.Helper()
	r, err := h.NewOutgoingRequest(t.Context(), &Fields{})
	if err != nil {
		t.Fatal(err)
	}
	return r.(*OutgoingRequest)
}

// isFail reports whether an error is that of a result without a payload.
func isFail(err error) bool {
	_, ok := errors.AsType[cm.Err[struct{}]](err)
	return ok
}

func TestSetAuthority(t *testing.T) {
	tests := map[string]bool{
		"example.com": true, "example.com:443": true, "example.com:0": true, "example.com:65535": true,
		"127.0.0.1": true, "127.0.0.1:80": true, "[::1]": true, "[::1]:80": true, "a_b-c.d": true, "localhost": true,
		"": false, ":80": false, "a:": false, "a:abc": false, "a:65536": false, "a:-1": false, "a:+1": false, "a: 1": false,
		"a:1:2": false, "a:000080": false, "user@host": false, "user:pass@host": false, "@host": false, "host/path": false,
		"host?q": false, "host#f": false, "host\\@evil": false, "a b": false, "a\r\nb": false, "a\x00": false, "h\xc3\xb6st": false,
		"::1": false, "[::1": false, "[::1]80": false, "[::1]:": false, "[::1]:x": false, "[fe80::1%eth0]": false, "[1.2.3.4]": false,
		"[]": false, "a%2fb": false, "a%00b": false, strings.Repeat("a", 256): false,
	}
	r := newRequest(t, New(Options{}))
	for in, want := range tests {
		err := r.SetAuthority(t.Context(), cm.Some(in))
		if (err == nil) != want || err != nil && !isFail(err) {
			t.Errorf("set-authority(%q) = %v, want ok %v", in, err, want)
		}
	}
	r.SetAuthority(t.Context(), cm.Some("kept:1"))
	r.SetAuthority(t.Context(), cm.Some("bad@"))
	if got, _ := r.Authority(t.Context()); got != cm.Some("kept:1") {
		t.Errorf("authority = %v after one that is wrong", got)
	}
	if err := r.SetAuthority(t.Context(), cm.None[string]()); err != nil {
		t.Errorf("set-authority(none) = %v", err)
	}
}

// TestPath has what a guest sets arrive in the request line as it is.
func TestPath(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", "/"}, {"/", "/"}, {"/a%2Fb?x=%20&y=a/b?c", "/a%2Fb?x=%20&y=a/b?c"}, {"/a?", "/a?"}, {"?q", "/?q"}, {"*", "*"},
		{"/%zz", "/%zz"}, {"/a;b=c,d'\"{}|[]", "/a;b=c,d'\"{}|[]"}, {"/../x", "/../x"}, {"/a//b", "/a//b"},
		{"//evil.com/x?y", "//evil.com/x?y"}, {"//evil%2F/x", "//evil%2F/x"}, {"/http://x", "/http://x"},
	}
	r := newRequest(t, New(Options{}))
	r.SetAuthority(t.Context(), cm.Some("host"))
	for _, tt := range tests {
		if err := r.SetPathWithQuery(t.Context(), cm.Some(tt.in)); err != nil {
			t.Errorf("set-path-with-query(%q) = %v", tt.in, err)
			continue
		}
		u, err := r.target()
		if err != nil {
			t.Errorf("%q: %v", tt.in, err)
			continue
		}
		if got := u.RequestURI(); got != tt.want || u.Host != "host" || u.Scheme != "https" {
			t.Errorf("%q is sent as %q to %s://%s, want %q", tt.in, got, u.Scheme, u.Host, tt.want)
		}
	}
	for _, in := range []string{
		"a", "http://evil/", "/a b", "/a HTTP/1.1\r\nx: y", "/a\n", "/a\x00", "/a#f", "/\x7f", "/\xc3\xb6", "\\evil", "/\\evil", "/<>",
		"**", "/" + strings.Repeat("a", maxPath),
	} {
		if err := r.SetPathWithQuery(t.Context(), cm.Some(in)); !isFail(err) {
			t.Errorf("set-path-with-query(%.40q) = %v, want it to fail", in, err)
		}
	}
	if err := setPath(new(url.URL), "//%zz"); !errors.Is(err, types.ErrorCodeHTTPRequestURIInvalid{}) {
		t.Errorf("a path that cannot be sent as it is: %v", err)
	}
}

func TestSetMethodAndScheme(t *testing.T) {
	ctx := t.Context()
	r := newRequest(t, New(Options{}))
	for name, want := range map[string]bool{
		"GET": true, "purge": true, "M-SEARCH": true, "": false, "A B": false, "GET\r\n": false, "G\x00": false, strings.Repeat("A", 257): false,
	} {
		if err := r.SetMethod(ctx, types.MethodOther{Value: name}); (err == nil) != want {
			t.Errorf("set-method(%.20q) = %v, want ok %v", name, err, want)
		}
	}
	for _, name := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "OTHER"} {
		if got := nameOf(methodOf(name)); got != name {
			t.Errorf("method %s became %s", name, got)
		}
	}
	for name, want := range map[string]bool{"ftp": true, "a+b.c-d1": true, "": false, "1a": false, "a:b": false, "h ttp": false} {
		if err := r.SetScheme(ctx, cm.Some[types.Scheme](types.SchemeOther{Value: name})); (err == nil) != want {
			t.Errorf("set-scheme(%q) = %v, want ok %v", name, err, want)
		}
	}
}

// TestTarget refuses requests that go nowhere.
func TestTarget(t *testing.T) {
	ctx := t.Context()
	r := newRequest(t, New(Options{}))
	if _, err := r.request(); !errors.Is(err, types.ErrorCodeHTTPRequestURIInvalid{}) {
		t.Errorf("no authority: %v", err)
	}
	r.SetAuthority(ctx, cm.Some("host"))
	r.SetScheme(ctx, cm.Some[types.Scheme](types.SchemeOther{Value: "file"}))
	if _, err := r.request(); !errors.Is(err, types.ErrorCodeHTTPProtocolError{}) {
		t.Errorf("scheme file: %v", err)
	}
	r.SetScheme(ctx, cm.None[types.Scheme]())
	for _, m := range []types.Method{types.MethodConnect{}, types.MethodOther{Value: "CONNECT"}} {
		r.SetMethod(ctx, m)
		if _, err := r.request(); !errors.Is(err, types.ErrorCodeHTTPRequestMethodInvalid{}) {
			t.Errorf("CONNECT: %v", err)
		}
	}
}
