package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"customer360/connectors"
)

// serve starts a server and returns its address.
func serve(t *testing.T, h http.HandlerFunc) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// post sends a body that can be sent again, and reads the answer.
func post(ctx context.Context, rt http.RoundTripper, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("ask"))
	if err != nil {
		return "", err
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

// A server may close a connection that it kept just when the next call comes,
// as one does that keeps them for a second.
func TestReadsBearsConnectionsThatWereClosedMeanwhile(t *testing.T) {
	for _, reads := range []bool{false, true} {
		var mu sync.Mutex
		met := map[string]bool{}
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if _, sent := r.Header["Idempotency-Key"]; sent {
				t.Error("a header more was sent")
			}
			mu.Lock()
			defer mu.Unlock()
			if met[r.RemoteAddr] {
				panic(http.ErrAbortHandler)
			}
			met[r.RemoteAddr] = true
			_, _ = io.Copy(w, r.Body)
		})
		base := http.RoundTripper(&http.Transport{})
		if reads {
			base = Reads(base)
		}
		for call := range 3 {
			body, err := post(t.Context(), Errors(base), url)
			switch broken := !reads && call == 1; {
			case broken && !errors.Is(err, connectors.ErrUnavailable):
				t.Errorf("without Reads: call %d: %q, %v: the connection was not kept", call, body, err)
			case !broken && (err != nil || body != "ask"):
				t.Errorf("reads %t: call %d: %q, %v", reads, call, body, err)
			}
		}
	}
}

func TestErrorsGivesEveryStatusItsMeaning(t *testing.T) {
	for code, want := range map[int]error{
		302: connectors.ErrBadData, 400: connectors.ErrBadData, 401: connectors.ErrAuth, 403: connectors.ErrAuth,
		404: connectors.ErrBadData, 407: connectors.ErrAuth, 408: connectors.ErrTimeout, 429: connectors.ErrRateLimited,
		500: connectors.ErrUnavailable, 503: connectors.ErrUnavailable, 504: connectors.ErrTimeout,
	} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(code)
			_, _ = io.WriteString(w, "a body with a name in it")
		})
		_, err := post(t.Context(), Errors(http.DefaultTransport), url)
		if !errors.Is(err, want) {
			t.Errorf("%d: %v, want %v", code, err, want)
		}
		if strings.Contains(err.Error(), "name") {
			t.Errorf("%d: the error holds the body: %v", code, err)
		}
	}
}

func TestErrorsNamesACauseAndNoAddress(t *testing.T) {
	url := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for at, want := range map[string]string{
		url:                                  "connection broken: unavailable",
		gone.URL + "/token-in-path":          "connection refused: unavailable",
		"http://user:pw@nowhere.invalid:1/x": "no such host: unavailable",
	} {
		_, err := post(t.Context(), Errors(http.DefaultTransport), at)
		if err == nil || err.Error() != want {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestErrorsLeavesTheContextItsError(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := post(ctx, Errors(Cap(http.DefaultTransport)), url); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want the deadline's error", err)
	}
}

func TestABodyThatBreaksOffIsUnavailable(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
	})
	if _, err := post(t.Context(), Errors(http.DefaultTransport), url); !errors.Is(err, connectors.ErrUnavailable) {
		t.Errorf("%v, want unavailable", err)
	}
}

func TestCapReadsNoMoreThanTheLimit(t *testing.T) {
	for name, c := range map[string]struct {
		size int
		told bool // by Content-Length
		want error
	}{
		"exactly the limit":     {size: 10},
		"announced too much":    {size: 11, told: true, want: connectors.ErrTooLarge},
		"too much, unannounced": {size: 5000, want: connectors.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if !c.told {
					w.(http.Flusher).Flush()
				}
				_, _ = io.WriteString(w, strings.Repeat("x", c.size))
			})
			body, err := post(t.Context(), Errors(&capped{limit: 10, next: http.DefaultTransport}), url)
			if !errors.Is(err, c.want) || len(body) > 10 {
				t.Errorf("%d bytes, %v, want %v", len(body), err, c.want)
			}
		})
	}
}

func TestSlotsAreHeldUntilTheBodyIsRead(t *testing.T) {
	var now, most atomic.Int32
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		most.Store(max(most.Load(), now.Add(1)))
		_, _ = io.WriteString(w, "some")
		w.(http.Flusher).Flush()
		time.Sleep(10 * time.Millisecond)
		now.Add(-1)
	})
	rt := Slots(2, http.DefaultTransport)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := post(t.Context(), rt, url); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if most.Load() != 2 {
		t.Errorf("%d calls at a time, want 2", most.Load())
	}
}

func TestWaitingForASlotEndsWithTheContext(t *testing.T) {
	block := make(chan struct{})
	url := serve(t, func(http.ResponseWriter, *http.Request) { <-block })
	defer close(block)
	rt := Slots(1, http.DefaultTransport)
	go func() { _, _ = post(t.Context(), rt, url) }()
	time.Sleep(20 * time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := post(ctx, rt, url); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want the deadline's error", err)
	}
}

// A guarded server lets only the newest token in.
type guarded struct {
	logins atomic.Int32
	valid  atomic.Int32
	url    string
}

func guard(t *testing.T) *guarded {
	g := &guarded{}
	g.url = serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Session "+string(rune('a'+g.valid.Load())) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(append(body, "ed"...))
	})
	return g
}

func (g *guarded) login(context.Context) (*oauth2.Token, error) {
	n := g.logins.Add(1)
	time.Sleep(5 * time.Millisecond)
	g.valid.Store(n)
	return &oauth2.Token{TokenType: "Session", AccessToken: string(rune('a' + n))}, nil
}

func TestASessionLogsInOnceForAllCalls(t *testing.T) {
	g := guard(t)
	rt := Errors(NewSession(g.login).Wrap(http.DefaultTransport))
	for round, logins := range []int32{1, 1, 2} {
		if round == 2 {
			g.valid.Add(1) // the session expires
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if body, err := post(t.Context(), rt, g.url); err != nil || body != "asked" {
					t.Errorf("round %d: %q, %v", round, body, err)
				}
			})
		}
		wg.Wait()
		if got := g.logins.Load(); got != logins {
			t.Errorf("round %d: %d logins, want %d", round, got, logins)
		}
	}
}

func TestACallIsRepeatedOnceOnly(t *testing.T) {
	var calls atomic.Int32
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { calls.Add(1); w.WriteHeader(http.StatusUnauthorized) })
	s := NewSession(func(context.Context) (*oauth2.Token, error) {
		return &oauth2.Token{TokenType: "Session", AccessToken: "never good"}, nil
	})
	_, err := post(t.Context(), Errors(s.Wrap(http.DefaultTransport)), url)
	if !errors.Is(err, connectors.ErrAuth) || calls.Load() != 2 {
		t.Errorf("%v after %d calls, want credentials refused after 2", err, calls.Load())
	}
}

func TestARefusedLoginStandsForAWhile(t *testing.T) {
	var logins int
	s := NewSession(func(context.Context) (*oauth2.Token, error) { logins++; return nil, connectors.ErrAuth })
	clock := time.Unix(0, 0)
	s.now = func() time.Time { return clock }
	for _, later := range []time.Duration{0, loginHoldOff / 2, loginHoldOff} {
		clock = time.Unix(0, 0).Add(later)
		if _, err := s.Token(); !errors.Is(err, connectors.ErrAuth) {
			t.Errorf("%v, want credentials refused", err)
		}
	}
	if logins != 2 {
		t.Errorf("%d logins, want one and another after the hold-off", logins)
	}
}

func TestALoginThatFailedOtherwiseIsTriedAgain(t *testing.T) {
	var logins int
	s := NewSession(func(context.Context) (*oauth2.Token, error) { logins++; return nil, connectors.ErrUnavailable })
	for range 3 {
		if _, err := s.Token(); !errors.Is(err, connectors.ErrUnavailable) {
			t.Errorf("%v, want unavailable", err)
		}
	}
	if logins != 3 {
		t.Errorf("%d logins, want 3", logins)
	}
}

func TestWaitingForALoginEndsWithTheContext(t *testing.T) {
	block := make(chan struct{})
	s := NewSession(func(context.Context) (*oauth2.Token, error) { <-block; return nil, connectors.ErrUnavailable })
	defer close(block)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := post(ctx, Errors(s.Wrap(http.DefaultTransport)), "http://127.0.0.1:1/")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want the deadline's error", err)
	}
}

func TestARefusalMaySayWhenToComeAgain(t *testing.T) {
	for _, c := range []struct {
		name  string
		code  int
		says  string
		after time.Duration
		ok    bool
	}{
		{"seconds", 429, "7", 7 * time.Second, true},
		{"in maintenance", 503, "120", 2 * time.Minute, true},
		{"a time by its own clock", 429, "Tue, 01 Jan 2030 00:00:30 GMT", 30 * time.Second, true},
		{"a time that is over", 429, "Mon, 31 Dec 2029 00:00:00 GMT", 0, true},
		{"nothing", 429, "", 0, false},
		{"nonsense", 429, "soon", 0, false},
		{"a negative number", 429, "-5", 0, false},
		{"of another status", 500, "7", 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Date", "Tue, 01 Jan 2030 00:00:00 GMT")
				w.Header().Set("Retry-After", c.says)
				w.WriteHeader(c.code)
			})
			_, err := post(t.Context(), Errors(http.DefaultTransport), url)
			var later *connectors.Later
			if ok := errors.As(err, &later); ok != c.ok || (ok && later.After != c.after) {
				t.Errorf("%v: %+v, want %s (%t)", err, later, c.after, c.ok)
			}
			if !errors.Is(err, ofStatus(c.code)) {
				t.Errorf("%v lost its meaning", err)
			}
		})
	}
}
