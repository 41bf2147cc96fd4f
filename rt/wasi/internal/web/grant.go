package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/witgen/witgen/rt/wasi/internal/audit"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

// grant returns what sends a request, or denies it.
func (h *Host) grant(ctx context.Context, req *http.Request) (http.RoundTripper, error) {
	sender := h.o.RoundTripper
	if sender == nil {
		p := h.o.Policy()
		if err := checkHost(ctx, p, req); err != nil {
			return nil, h.deny(ctx, req, p, err)
		}
		sender = h.transport(p)
	}
	if h.o.Authorize != nil {
		if err := h.o.Authorize(req); err != nil {
			return nil, h.deny(ctx, req, nil, err)
		}
	}
	return sender, nil
}

// checkHost asks the policy for where a request goes.
func checkHost(ctx context.Context, p *policy.Policy, req *http.Request) error {
	use, port := useOf(req), uint64(80)
	if use == policy.UseHTTPS {
		port = 443
	}
	if text := req.URL.Port(); text != "" {
		var err error
		if port, err = strconv.ParseUint(text, 10, 16); err != nil {
			return err
		}
	}
	return p.CheckHost(ctx, use, req.URL.Hostname(), uint16(port))
}

func useOf(req *http.Request) policy.Use {
	if req.URL.Scheme == "https" {
		return policy.UseHTTPS
	}
	return policy.UseHTTP
}

// deny returns what a denial is for the guest: of an address, if the policy has
// rules that could have granted it.
func (h *Host) deny(ctx context.Context, req *http.Request, p *policy.Policy, err error) error {
	if errors.Is(err, policy.ErrName) {
		return types.ErrorCodeHTTPRequestURIInvalid{}
	}
	h.o.Audit.Deny(ctx, denial(req, err))
	_, literal := policy.Literal(req.URL.Hostname())
	if literal && (p.Any(policy.HTTP) || p.Any(policy.HTTPS)) {
		return types.ErrorCodeDestinationIPProhibited{}
	}
	return types.ErrorCodeHTTPRequestDenied{}
}

// denial is what is told of a request that is denied.
func denial(req *http.Request, err error) audit.Denial {
	told := audit.Denial{
		Capability: "http", Operation: "handle", Reason: err.Error(),
		Target: req.Method + " " + req.URL.Scheme + "://" + req.URL.Host + req.URL.RequestURI(),
	}
	if d, ok := errors.AsType[*policy.Denied](err); ok {
		told.Reason, told.Range = d.Reason, d.Range
		if d.Resolved {
			told.Address = d.Target
		}
	}
	return told
}

// transport returns the host's own transport.
func (h *Host) transport(p *policy.Policy) *transport {
	if h.own == nil {
		h.own = newTransport(p, h.o.Roots, 2*h.o.Requests) // those of requests that have just ended, too
		h.o.Life.OnEnd(h.own.close)
	}
	return h.own
}
