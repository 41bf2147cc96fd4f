package web

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/rt/wasi/internal/policy"
	"github.com/witgen/witgen/rt/wasi/p2/http/types"
)

// codeOf returns what an error of a request is for the guest: its kind and no
// more, as the text has names and addresses of the host in it. The error may be
// one of a host's own that panics when it is asked anything.
func codeOf(ctx context.Context, err error) (code types.ErrorCode) {
	defer unknown(&code)
	if code, ok := errors.AsType[types.ErrorCode](context.Cause(ctx)); ok {
		return code
	}
	if code, ok := errors.AsType[types.ErrorCode](err); ok {
		return code
	}
	for _, kind := range []func(error) types.ErrorCode{denialCode, nameCode, tlsCode, httpCode, connectionCode} {
		if code := kind(err); code != nil {
			return code
		}
	}
	return types.ErrorCodeInternalError{}
}

// unknown is deferred by what asks an error that may panic.
func unknown(code *types.ErrorCode) {
	if recover() != nil {
		*code = types.ErrorCodeInternalError{}
	}
}

// denialCode returns what it is for the guest that the network's policy denies
// something: a name, or the address that it was found to have.
func denialCode(err error) types.ErrorCode {
	d, ok := errors.AsType[*policy.Denied](err)
	switch {
	case !ok:
		return nil
	case d.Resolved:
		return types.ErrorCodeDestinationIPProhibited{}
	}
	return types.ErrorCodeHTTPRequestDenied{}
}

func nameCode(err error) types.ErrorCode {
	if errors.Is(err, policy.ErrName) {
		return types.ErrorCodeHTTPRequestURIInvalid{}
	}
	dns, ok := errors.AsType[*net.DNSError](err)
	switch {
	case !ok:
		return nil
	case dns.IsTimeout:
		return types.ErrorCodeDNSTimeout{}
	case dns.IsNotFound:
		return types.ErrorCodeDNSError{Value: types.DNSErrorPayload{Rcode: cm.Some("NXDOMAIN")}}
	}
	return types.ErrorCodeDNSError{}
}

func tlsCode(err error) types.ErrorCode {
	if alert, ok := errors.AsType[tls.AlertError](err); ok {
		return types.ErrorCodeTLSAlertReceived{Value: types.TLSAlertReceivedPayload{AlertID: cm.Some(uint8(alert))}}
	}
	if isAny[*tls.CertificateVerificationError](err) || isAny[x509.UnknownAuthorityError](err) ||
		isAny[x509.HostnameError](err) || isAny[x509.CertificateInvalidError](err) {
		return types.ErrorCodeTLSCertificateError{}
	}
	if isAny[tls.RecordHeaderError](err) || has(err, "tls: ", "server gave HTTP response to HTTPS client") {
		return types.ErrorCodeTLSProtocolError{}
	}
	return nil
}

func isAny[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// has reports whether an error has one of some texts in it: what net/http has no
// errors for.
func has(err error, texts ...string) bool {
	for _, text := range texts {
		if strings.Contains(err.Error(), text) {
			return true
		}
	}
	return false
}

func connectionCode(err error) types.ErrorCode {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return types.ErrorCodeConnectionRefused{}
	case errors.Is(err, syscall.ENETUNREACH):
		return types.ErrorCodeDestinationIPUnroutable{}
	case errors.Is(err, syscall.EHOSTUNREACH):
		return types.ErrorCodeDestinationUnavailable{}
	case has(err, "timeout awaiting response headers"):
		return types.ErrorCodeHTTPResponseTimeout{}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return types.ErrorCodeHTTPResponseIncomplete{}
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF),
		has(err, "server closed"):
		return types.ErrorCodeConnectionTerminated{}
	}
	timeout, ok := errors.AsType[net.Error](err)
	if !ok || !timeout.Timeout() {
		return nil
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "read" {
		return types.ErrorCodeConnectionReadTimeout{}
	} else if ok && op.Op == "write" {
		return types.ErrorCodeConnectionWriteTimeout{}
	}
	return types.ErrorCodeConnectionTimeout{}
}

func httpCode(err error) types.ErrorCode {
	switch {
	case errors.Is(err, errFields), has(err, "response headers exceeded", "header list too large"):
		return types.ErrorCodeHTTPResponseHeaderSectionSize{}
	case errors.Is(err, errStatus), has(err, "malformed", "http2: "):
		return types.ErrorCodeHTTPProtocolError{}
	}
	return nil
}
