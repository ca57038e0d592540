package transport

import (
	"io"
	"net/http"

	"customer360/connectors"
)

// MaxBody is the most of one answer that is read: 16 MiB. What a source sends
// beyond it is no answer to a batch of some hundred keys, but a fault.
const MaxBody = 16 << 20

// Cap bounds the bodies of the answers at MaxBody. Reading past it fails with
// connectors.ErrTooLarge; an answer that announces more is refused unread.
func Cap(next http.RoundTripper) http.RoundTripper { return &capped{limit: MaxBody, next: next} }

type capped struct {
	limit int64
	next  http.RoundTripper
}

func (c *capped) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if resp.ContentLength > c.limit {
		_ = resp.Body.Close()
		return nil, connectors.ErrTooLarge
	}
	resp.Body = &cappedBody{ReadCloser: resp.Body, left: c.limit}
	return resp, nil
}

// A cappedBody may give left more bytes, and fails at the first one after them.
type cappedBody struct {
	io.ReadCloser
	left int64
}

func (b *cappedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, connectors.ErrTooLarge
	}
	// One byte more than is left tells a body that ends there from one that goes on.
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return n + int(b.left), connectors.ErrTooLarge
	}
	return n, err
}
