package transport

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"

	"customer360/connectors"
)

// How long a login may take, whoever waits for it, and how long a refused one
// stands. Systems lock a user out after a handful of wrong passwords (Tryton:
// five), so a refusal is not tried again with every query.
const (
	loginTimeout = 10 * time.Second
	loginHoldOff = time.Minute
)

// A Login asks a source for a new token. Its errors name no secret.
type Login func(context.Context) (*oauth2.Token, error)

// A Session holds the one token that all calls to a source share. It is an
// oauth2.TokenSource, and wraps round-trippers with what a session needs: a
// call that is answered 401 drops the token it used, waits for a new one, and
// is sent once more.
type Session struct {
	login Login
	now   func() time.Time
	fetch singleflight.Group

	mu      sync.Mutex
	token   *oauth2.Token
	refused error // the last login's error, when it was a refusal
	until   time.Time
}

// NewSession returns a session without a token; the first call logs in.
func NewSession(login Login) *Session {
	return &Session{login: login, now: time.Now}
}

// Token returns the session's token, logging in first if there is none.
func (s *Session) Token() (*oauth2.Token, error) {
	return s.wait(context.Background())
}

// Wrap authorizes what is sent through next.
func (s *Session) Wrap(next http.RoundTripper) http.RoundTripper {
	return &authorized{session: s, next: next}
}

// Drop forgets token, unless another has taken its place already: of many
// calls refused together, one logs in.
func (s *Session) Drop(token *oauth2.Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == token {
		s.token = nil
	}
}

// wait returns the token, or an error no later than ctx ends. The login itself
// runs on its own time: the others that wait for it are not tied to one
// caller's patience.
func (s *Session) wait(ctx context.Context) (*oauth2.Token, error) {
	if token, err := s.held(); token != nil || err != nil {
		return token, err
	}
	done := s.fetch.DoChan("", func() (any, error) {
		if token, err := s.held(); token != nil || err != nil {
			return token, err
		}
		ctx, cancel := context.WithTimeout(context.Background(), loginTimeout)
		defer cancel()
		token, err := s.login(ctx)
		s.keep(token, err)
		return token, err
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-done:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(*oauth2.Token), nil
	}
}

// held returns what is known without asking: a token, a refusal, or neither.
func (s *Session) held() (*oauth2.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token.Valid() {
		return s.token, nil
	}
	if s.now().Before(s.until) {
		return nil, s.refused
	}
	return nil, nil
}

func (s *Session) keep(token *oauth2.Token, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token, s.refused, s.until = token, nil, time.Time{}
	if errors.Is(err, connectors.ErrAuth) || errors.Is(err, connectors.ErrRateLimited) {
		s.refused, s.until = err, s.now().Add(loginHoldOff)
	}
}

type authorized struct {
	session *Session
	next    http.RoundTripper
}

func (a *authorized) RoundTrip(req *http.Request) (*http.Response, error) {
	token, err := a.session.wait(req.Context())
	if err != nil {
		closeBody(req)
		return nil, err
	}
	resp, err := a.send(req, token)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	again, ok := repeat(req)
	if !ok {
		return resp, nil
	}
	_ = resp.Body.Close()
	a.session.Drop(token)
	if token, err = a.session.wait(req.Context()); err != nil {
		closeBody(again)
		return nil, err
	}
	return a.send(again, token)
}

// send sends a copy of req that carries token: a round-tripper leaves the
// request it was given as it is.
func (a *authorized) send(req *http.Request, token *oauth2.Token) (*http.Response, error) {
	req = req.Clone(req.Context())
	token.SetAuthHeader(req)
	return a.next.RoundTrip(req)
}

// repeat returns req with its body rewound, where it can be.
func repeat(req *http.Request) (*http.Request, bool) {
	if req.Body == nil || req.Body == http.NoBody {
		return req, true
	}
	if req.GetBody == nil {
		return nil, false
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, false
	}
	again := req.Clone(req.Context())
	again.Body = body
	return again, true
}
