package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"customer360/connectors"
)

// Errors turns what goes wrong below into the sentinels of package connectors,
// and keeps everything else out of the error: addresses, headers, bodies. An
// answer that is no 2xx becomes an error too, so that a connector sees answers
// only; that is more than a round-tripper owes, which makes this one the
// outermost. A context that has ended stays the context's error.
func Errors(next http.RoundTripper) http.RoundTripper { return &mapped{next: next} }

type mapped struct{ next http.RoundTripper }

func (m *mapped) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := m.next.RoundTrip(req)
	if err != nil {
		return nil, meaning(req.Context(), err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		_ = resp.Body.Close()
		err := fmt.Errorf("HTTP status %d: %w", resp.StatusCode, ofStatus(resp.StatusCode))
		if after, ok := retryAfter(resp); ok {
			err = &connectors.Later{After: after, Err: err}
		}
		return nil, err
	}
	resp.Body = &mappedBody{ReadCloser: resp.Body, ctx: req.Context()}
	return resp, nil
}

// ofStatus is what a status that is no success means.
func ofStatus(code int) error {
	switch {
	case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusProxyAuthRequired:
		return connectors.ErrAuth
	case code == http.StatusRequestTimeout, code == http.StatusGatewayTimeout:
		return connectors.ErrTimeout
	case code == http.StatusTooManyRequests:
		return connectors.ErrRateLimited
	case code >= 500:
		return connectors.ErrUnavailable
	}
	return connectors.ErrBadData // a redirect, or a request that the source doesn't know
}

// retryAfter is how long a source that refuses for now wants to be left in
// peace: seconds, or a time by its own clock.
func retryAfter(resp *http.Response) (time.Duration, bool) {
	said := resp.Header.Get("Retry-After")
	if said == "" || (resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable) {
		return 0, false
	}
	if n, err := strconv.ParseUint(said, 10, 31); err == nil {
		return time.Duration(n) * time.Second, true
	}
	at, err := http.ParseTime(said)
	if err != nil {
		return 0, false
	}
	by, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		by = time.Now()
	}
	return max(at.Sub(by), 0), true
}

// meaning is the sentinel for an exchange that failed, with a cause from a
// fixed list of words.
func meaning(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for _, known := range []error{
		connectors.ErrTimeout, connectors.ErrUnavailable, connectors.ErrRateLimited,
		connectors.ErrAuth, connectors.ErrBadData, connectors.ErrTooLarge,
		context.DeadlineExceeded, context.Canceled,
	} {
		if errors.Is(err, known) {
			return err
		}
	}
	if e := net.Error(nil); errors.As(err, &e) && e.Timeout() {
		return connectors.ErrTimeout
	}
	if cause := causeOf(err); cause != "" {
		return fmt.Errorf("%s: %w", cause, connectors.ErrUnavailable)
	}
	return connectors.ErrUnavailable
}

func causeOf(err error) string {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	switch {
	case errors.As(err, &dns):
		return "no such host"
	case errors.As(err, &cert):
		return "certificate refused"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "connection broken"
	}
	return ""
}

// A mappedBody gives its read errors their meaning too: a body that breaks off
// is an exchange that failed.
type mappedBody struct {
	io.ReadCloser
	ctx context.Context
}

func (b *mappedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = meaning(b.ctx, err)
	}
	return n, err
}
