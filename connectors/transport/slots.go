package transport

import (
	"io"
	"net/http"
	"sync"
)

// Slots lets at most n requests through to next at a time; the others wait for
// as long as their context lives. A slot is taken until the answer's body has
// been read to its end or closed, for so long is the source busy with it.
func Slots(n int, next http.RoundTripper) http.RoundTripper {
	return &slots{free: make(chan struct{}, max(n, 1)), next: next}
}

type slots struct {
	free chan struct{} // one element per taken slot
	next http.RoundTripper
}

func (s *slots) RoundTrip(req *http.Request) (*http.Response, error) {
	select {
	case s.free <- struct{}{}:
	case <-req.Context().Done():
		closeBody(req)
		return nil, req.Context().Err()
	}
	give := sync.OnceFunc(func() { <-s.free })
	resp, err := s.next.RoundTrip(req)
	if err != nil {
		give()
		return nil, err
	}
	resp.Body = &watchedBody{ReadCloser: resp.Body, done: give}
	return resp, nil
}

// A watchedBody calls done when it has been read to its end, failed, or was
// closed; done must bear being called more than once.
type watchedBody struct {
	io.ReadCloser
	done func()
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.done()
	}
	return n, err
}

func (b *watchedBody) Close() error {
	defer b.done()
	return b.ReadCloser.Close()
}

// closeBody closes the body of a request that is not going to be sent, as a
// round-tripper owes its caller even then.
func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}
