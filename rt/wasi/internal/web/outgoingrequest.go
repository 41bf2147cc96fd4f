package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

// OutgoingRequest is a request that a guest makes. See wasi:http/types,
// outgoing-request.
type OutgoingRequest struct {
	message
	method    types.Method
	path      cm.Option[string]
	scheme    cm.Option[types.Scheme]
	authority cm.Option[string]
}

var _ types.OutgoingRequest = (*OutgoingRequest)(nil)

// Method returns the method.
func (r *OutgoingRequest) Method(context.Context) (types.Method, error) { return r.method, nil }

// SetMethod sets the method.
func (r *OutgoingRequest) SetMethod(_ context.Context, m types.Method) error {
	name := nameOf(m)
	if len(name) > maxMethod || !isToken(name) {
		return fail
	}
	r.method = m
	return nil
}

// maxMethod is how long a method may be.
const maxMethod = 256

// PathWithQuery returns the path and the query.
func (r *OutgoingRequest) PathWithQuery(context.Context) (cm.Option[string], error) {
	return r.path, nil
}

// SetPathWithQuery sets the path and the query.
func (r *OutgoingRequest) SetPathWithQuery(_ context.Context, path cm.Option[string]) error {
	if p := path.Or(""); len(p) > maxTarget || !isPath(p) {
		return fail
	}
	if err := r.hold(len(r.path.Or("")), len(path.Or(""))); err != nil {
		return err
	}
	r.path = path
	return nil
}

// maxTarget is how long a path with its query may be, and an authority: it is
// held while the request is under way, and told if that is denied.
const maxTarget = 64 << 10

// Scheme returns the scheme.
func (r *OutgoingRequest) Scheme(context.Context) (cm.Option[types.Scheme], error) {
	return r.scheme, nil
}

// SetScheme sets the scheme.
func (r *OutgoingRequest) SetScheme(_ context.Context, scheme cm.Option[types.Scheme]) error {
	if other, ok := scheme.Or(nil).(types.SchemeOther); ok && !isScheme(other.Value) {
		return fail
	}
	r.scheme = scheme
	return nil
}

// Authority returns the host and the port.
func (r *OutgoingRequest) Authority(context.Context) (cm.Option[string], error) {
	return r.authority, nil
}

// SetAuthority sets the host and the port.
func (r *OutgoingRequest) SetAuthority(_ context.Context, authority cm.Option[string]) error {
	if a, ok := authority.Get(); ok && (len(a) > maxTarget || !isAuthority(a)) {
		return fail
	}
	if err := r.hold(len(r.authority.Or("")), len(authority.Or(""))); err != nil {
		return err
	}
	r.authority = authority
	return nil
}

// target returns where the request goes.
func (r *OutgoingRequest) target() (*url.URL, error) {
	host, ok := r.authority.Get()
	if !ok {
		return nil, types.ErrorCodeHTTPRequestURIInvalid{}
	}
	u := &url.URL{Host: host}
	switch s := r.scheme.Or(types.SchemeHTTPS{}).(type) {
	case types.SchemeHTTP:
		u.Scheme = "http"
	case types.SchemeHTTPS:
		u.Scheme = "https"
	case types.SchemeOther:
		if u.Scheme = strings.ToLower(s.Value); u.Scheme != "http" && u.Scheme != "https" {
			return nil, types.ErrorCodeHTTPProtocolError{}
		}
	}
	return u, setPath(u, r.path.Or(""))
}

// setPath sets a path and a query that are sent as they are. What net/url takes
// apart and puts together again is not.
func setPath(u *url.URL, s string) (err error) {
	path, query, asked := strings.Cut(s, "?")
	u.RawQuery, u.ForceQuery = query, asked && query == ""
	switch {
	case path == "":
		u.Path = "/"
	case !strings.HasPrefix(path, "//"):
		u.Opaque = path
	default: // would be taken for an authority
		u.RawPath = path
		if u.Path, err = url.PathUnescape(path); err != nil || u.EscapedPath() != path {
			return types.ErrorCodeHTTPRequestURIInvalid{}
		}
	}
	return nil
}

// request returns the request as Go has it, without a context and a body.
func (r *OutgoingRequest) request() (*http.Request, error) {
	method := nameOf(r.method)
	if method == http.MethodConnect { // its response would have no end
		return nil, types.ErrorCodeHTTPRequestMethodInvalid{}
	}
	u, err := r.target()
	if err != nil {
		return nil, err
	}
	req := &http.Request{
		Method: method, URL: u, Host: u.Host, Header: r.headers.header(),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if _, ok := req.Header["User-Agent"]; !ok {
		req.Header["User-Agent"] = []string{""} // else Go's own is sent
	}
	return req, nil
}

// setBody gives a request its body, and says how long that is as far as it is
// known by now.
func (r *OutgoingRequest) setBody(req *http.Request) error {
	written, ended := r.pipe.state()
	length, ok := r.headers.length()
	whole := ended == io.EOF //nolint:errorlint // as the pipe has it
	trailers := r.pipe.ended() != nil && !mayLackBody(req.Method)
	switch {
	case ended != nil && !whole, whole && ok && written != length:
		return requestTooLong(written) // or too short
	case whole && written == 0 && !trailers, ok && length == 0:
		req.Body = http.NoBody
		return nil
	case ok:
		req.ContentLength = int64(length)
	case whole && r.pipe.ended() == nil:
		req.ContentLength = int64(written)
	default:
		req.ContentLength = -1
	}
	req.Trailer = http.Header{}
	req.Body = &sending{pipe: r.pipe, trailer: req.Trailer, sent: !mayLackBody(req.Method)}
	return nil
}

// mayLackBody reports whether requests of a method have no body as a rule, so
// that servers would wonder at one.
func mayLackBody(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodDelete, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}

// sending is the body of a request as a transport reads it.
type sending struct {
	pipe    *pipe
	trailer http.Header
	sent    bool // the headers, as far as one can know
}

// Read reads the body. At its end the trailers are set, as net/http wants them.
// A body that need not be there has none if there is nothing in it: it may be
// read to find that out, while the headers are being written.
func (s *sending) Read(b []byte) (int, error) {
	n, err := s.pipe.Read(b)
	s.sent = s.sent || n > 0
	if err == io.EOF && s.sent { //nolint:errorlint // as the pipe has it
		s.setTrailers()
	}
	return n, err
}

func (s *sending) setTrailers() {
	trailers := s.pipe.ended()
	if trailers == nil {
		return
	}
	for name, values := range trailers.header() {
		s.trailer[name] = values
	}
}

// Close says that no more will be read.
func (s *sending) Close() error {
	s.pipe.leave()
	return nil
}
