package connectortest

import (
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"customer360/connectors"
)

// A Trip is a function that carries one HTTP call.
type Trip func(*http.Request) (*http.Response, error)

// RoundTrip carries it.
func (f Trip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// Hangs takes a call and never answers it.
var Hangs = Trip(func(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
})

// Says answers every call alike.
func Says(status int, body string) Trip {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

// Behind opens a connector that makes its calls by a round-tripper.
type Behind func(http.RoundTripper) func(*testing.T, connectors.Setup) connectors.Connector

// HTTPFaults are the ways in which any HTTP server, or what stands before it,
// fails. An answer of the server's begins with beginning.
func HTTPFaults(behind Behind, beginning string) []Fault {
	return []Fault{
		{Name: "the server is down", Want: connectors.ErrUnavailable, Open: behind(Trip(func(*http.Request) (*http.Response, error) {
			return nil, syscall.ECONNREFUSED
		}))},
		{Name: "the server fails", Want: connectors.ErrUnavailable, Open: behind(Says(500, "Zoë"))},
		{Name: "a proxy has waited long enough", Want: connectors.ErrTimeout, Open: behind(Says(504, "Zoë"))},
		{Name: "a proxy answers a page", Want: connectors.ErrBadData, Open: behind(Says(200, "<html>Zoë</html>"))},
		{Name: "the answer breaks off", Want: connectors.ErrUnavailable, Open: behind(Trip(func(*http.Request) (*http.Response, error) {
			body := io.MultiReader(strings.NewReader(beginning), failing{io.ErrUnexpectedEOF})
			return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(body)}, nil
		}))},
		{Name: "the answer is too long", Want: connectors.ErrTooLarge, Open: behind(Trip(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: 1 << 40, Body: http.NoBody}, nil
		}))},
	}
}

// A failing reader fails.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
