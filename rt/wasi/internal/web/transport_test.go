package web

import (
	"errors"
	"net/http"
	"runtime"
	"testing"

	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

// roundTripper is a host's own.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestRoundTripper has a host's own do what it should not.
func TestRoundTripper(t *testing.T) {
	internal := types.ErrorCodeInternalError{}
	tests := []struct {
		name string
		f    roundTripper
		want types.ErrorCode
	}{
		{"panics", func(*http.Request) (*http.Response, error) { panic("boom") }, internal},
		{"ends its goroutine", func(*http.Request) (*http.Response, error) { runtime.Goexit(); return nil, nil }, internal},
		{"nothing", func(*http.Request) (*http.Response, error) { return nil, nil }, internal},
		{"an error", func(*http.Request) (*http.Response, error) { return nil, errors.New("/etc/passwd") }, internal},
		{"a code", func(*http.Request) (*http.Response, error) { return nil, types.ErrorCodeLoopDetected{} }, types.ErrorCodeLoopDetected{}},
		{"status 99", func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 99}, nil }, types.ErrorCodeHTTPProtocolError{}},
		{"status 101", func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 101}, nil }, types.ErrorCodeHTTPProtocolError{}},
		{"too many headers", func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{"X": make([]string, 5000)}}, nil
		}, types.ErrorCodeHTTPResponseHeaderSectionSize{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newClient(t, Options{RoundTripper: tt.f})
			if _, code := c.get("https://example.com/"); code != tt.want {
				t.Errorf("code = %v, want %v", code, tt.want)
			}
		})
	}
	t.Run("no body", func(t *testing.T) {
		c := newClient(t, Options{RoundTripper: roundTripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, ContentLength: -1}, nil
		})})
		r, code := c.get("https://example.com/")
		if code != nil {
			t.Fatal(code)
		}
		if got, _, err := body(t, r); got != "" || err != nil {
			t.Errorf("body = %q, %v", got, err)
		}
	})
	t.Run("a body that panics", func(t *testing.T) {
		c := newClient(t, Options{RoundTripper: roundTripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, ContentLength: -1, Body: panics{}}, nil
		})})
		r, code := c.get("https://example.com/")
		if code != nil {
			t.Fatal(code)
		}
		_, _, err := body(t, r)
		if got := codeIn(t, err); got != internal {
			t.Errorf("code = %v", got)
		}
	})
}

type panics struct{}

func (panics) Read([]byte) (int, error) { panic("boom") }

func (panics) Close() error { panic("boom") }
