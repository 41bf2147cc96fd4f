package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

// TestDenied has nothing reach a server that is not granted.
func TestDenied(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request arrived") })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	tests := []struct {
		name  string
		o     Options
		rules []string
		to    string
		want  types.ErrorCode
	}{
		{"nothing", Options{}, nil, s.URL + "/secret", types.ErrorCodeHTTPRequestDenied{}},
		{"another protocol", Options{}, []string{"tcp:127.0.0.1:" + port}, s.URL + "/", types.ErrorCodeHTTPRequestDenied{}},
		{"another scheme", Options{}, []string{"https:127.0.0.1:" + port}, s.URL + "/", types.ErrorCodeDestinationIPProhibited{}},
		{"another port", Options{}, []string{"http:127.0.0.1:1"}, s.URL + "/", types.ErrorCodeDestinationIPProhibited{}},
		{"any public host", Options{}, []string{"http:*:" + port}, s.URL + "/", types.ErrorCodeDestinationIPProhibited{}},
		{"another name", Options{}, []string{"http:*.example.com:80"}, "http://example.org/", types.ErrorCodeHTTPRequestDenied{}},
		{"hook", Options{Authorize: func(r *http.Request) error {
			if r.Body != nil || r.URL.Host == "" {
				t.Errorf("the hook is given %+v", r)
			}
			return errors.New("not today")
		}}, []string{"http:127.0.0.1:" + port}, s.URL + "/", types.ErrorCodeHTTPRequestDenied{}},
		{"hook, round tripper", Options{
			RoundTripper: http.DefaultTransport, Authorize: func(*http.Request) error { return errors.New("not today") },
		}, nil, s.URL + "/", types.ErrorCodeHTTPRequestDenied{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newClient(t, tt.o, tt.rules...)
			_, err := c.Handle(t.Context(), c.request("GET", tt.to), cm.Option[types.RequestOptions]{})
			if got, ok := errors.AsType[cm.Err[types.ErrorCode]](err); !ok || got.Value != tt.want {
				t.Errorf("handle = %v, want %v", err, tt.want)
			}
			if len(c.denied) != 1 || c.denied[0].Capability != "http" || c.denied[0].Target != "GET "+tt.to {
				t.Errorf("denials: %+v", c.denied)
			}
		})
	}
}

// resolver has one address for every name.
type resolver string

func (r resolver) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr(string(r))}, nil
}

// TestRebinding grants a name that has the address of this machine.
func TestRebinding(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request arrived") })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	c := newClient(t, Options{})
	r, err := policy.ParseRule("http:api.example.com:" + port)
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.New(policy.Network{Rules: []policy.Rule{r}, Resolver: resolver("127.0.0.1")})
	if err != nil {
		t.Fatal(err)
	}
	c.o.Policy = func() *policy.Policy { return p }
	_, code := c.get("http://api.example.com:" + port + "/")
	if code != (types.ErrorCodeDestinationIPProhibited{}) {
		t.Errorf("code = %v", code)
	}
	if len(c.denied) != 1 || !strings.Contains(c.denied[0].Target, "api.example.com") || !strings.Contains(c.denied[0].Reason, "loopback") {
		t.Errorf("denials: %+v", c.denied)
	} else if d := c.denied[0]; d.Address != "127.0.0.1:"+port || d.Range != "loopback" {
		t.Errorf("address %q, range %q", d.Address, d.Range)
	}
}

// TestNoProxyNoRedirect has the environment name a proxy, and the server another
// place.
func TestNoProxyNoRedirect(t *testing.T) {
	proxy := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the proxy was asked") })
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	var n atomic.Int32
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		w.Header().Set("Set-Cookie", "a=b")
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	})
	c := newClient(t, Options{}, ruleFor(s))
	r, code := c.get(s.URL + "/")
	if code != nil || r.status != http.StatusFound || n.Load() != 1 {
		t.Errorf("status %v, %v after %d requests", r, code, n.Load())
	}
	r.Close(t.Context())
}
