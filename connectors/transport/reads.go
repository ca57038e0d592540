package transport

import "net/http"

// Reads says of every call that it only reads, whatever its method: where the
// server has closed a connection that was kept, and answered nothing, net/http
// makes the call again on another, as it does for a GET by itself. Nothing
// more is sent.
func Reads(next http.RoundTripper) http.RoundTripper { return reads{next} }

type reads struct{ next http.RoundTripper }

func (r reads) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header["Idempotency-Key"] = []string{} // net/http's sign; an empty list is not sent
	return r.next.RoundTrip(req)
}
