package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// A fault is what a proxy before the ERP does, and the code that it must have.
type fault struct {
	name, code string
	do         http.HandlerFunc // nil lets calls pass
}

var faults = []fault{
	{"answers a page of HTML", "SOURCE_BAD_DATA", answer(200, "<html>Who?</html>")},
	{"cuts answers short", "SOURCE_UNAVAILABLE", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"id": 1, "result": [{"id": 3`)
	}},
	{"ends answers in the middle", "SOURCE_BAD_DATA", answer(200, `{"id": 1, "result": [{"id": 3`)},
	{"answers values of other types", "SOURCE_BAD_DATA", answer(200, `{"id": "one", "result": 7}`)},
	{"answers without an end", "SOURCE_TOO_LARGE", func(w http.ResponseWriter, _ *http.Request) {
		for blank := make([]byte, 1<<20); ; {
			if _, err := w.Write(blank); err != nil {
				return
			}
		}
	}},
	{"breaks connections", "SOURCE_UNAVAILABLE", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
	{"answers 500", "SOURCE_UNAVAILABLE", answer(500, "Traceback")},
	{"answers 503", "SOURCE_UNAVAILABLE", answer(503, "Back soon")},
	{"answers 504", "SOURCE_TIMEOUT", answer(504, "")},
	{"answers 404", "SOURCE_BAD_DATA", answer(404, "")},
	{"answers 403", "SOURCE_AUTH", answer(403, "")},
	{"answers 429", "SOURCE_RATE_LIMITED", answer(429, "")},
	{"sends others elsewhere", "SOURCE_BAD_DATA", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) }},
	{"does not answer", "SOURCE_TIMEOUT", func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}},
	// The last, since a login that was refused is not tried again for a minute.
	{"answers 401 whoever asks", "SOURCE_AUTH", answer(401, "")},
}

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// A proxy stands before a system, and has faults.
type proxy struct {
	url  string
	pass http.Handler

	mu       sync.Mutex
	at       fault
	sessions []string // what calls were authorized by
	messages []message
}

// take returns the calls that came since the last take.
func (p *proxy) take() []message {
	p.mu.Lock()
	defer p.mu.Unlock()
	taken := p.messages
	p.messages = nil
	return taken
}

func newProxy(ctx context.Context, s *system, at fault) (*proxy, error) {
	to, err := url.Parse(s.url)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{url: "http://" + l.Addr().String() + to.Path, at: at}
	p.pass = &httputil.ReverseProxy{ErrorLog: log.New(io.Discard, "", 0), Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: to.Scheme, Host: to.Host}) }}
	srv := &http.Server{Handler: p, ReadHeaderTimeout: time.Minute}
	go func() { _ = srv.Serve(l) }()
	context.AfterFunc(ctx, func() { _ = srv.Close() })
	return p, nil
}

func (p *proxy) be(f fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at = f
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	p.mu.Lock()
	p.messages = append(p.messages, note(r, body))
	do := p.at.do
	if auth := r.Header.Get("Authorization"); auth != "" && !slices.Contains(p.sessions, auth) {
		p.sessions = append(p.sessions, auth)
	}
	p.mu.Unlock()
	if do == nil {
		do = p.pass.ServeHTTP
	}
	do(w, r)
}

func (p *proxy) secrets() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	secrets := []string{adminPassword, wrongPassword}
	for _, s := range p.sessions {
		secrets = append(secrets, strings.TrimPrefix(s, "Session "))
	}
	return secrets
}

// behindProxy starts a gateway of its own while the ERP is away, with two more
// sources that can never be read; and then lets the ERP fail in every way.
func behindProxy(ctx context.Context, r *report, g *gateway, people []string, crm, erp *system) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p, err := newProxy(ctx, erp, fault{do: answer(502, "")})
	if err != nil {
		return err
	}
	defer g.stop()
	locked, nowhere := erp.source(erp.url), erp.source(strings.TrimSuffix(erp.url, "erp/")+"nothing/")
	locked.name, nowhere.name = "locked", "nowhere"
	locked.settings = strings.Replace(locked.settings, "TRYTON_PASSWORD", "WRONG_PASSWORD", 1)
	locked.env = "WRONG_PASSWORD=" + wrongPassword
	began := time.Now()
	if err := g.start(ctx,
		crm.source(crm.url), erp.source(p.url), locked, nowhere,
	); err != nil {
		return err
	}
	r.check("a gateway starts while the ERP is away, and has read the CRM", errors.Join(g.waitSynced(ctx, "crm"), g.waitCode(ctx, "erp", "SOURCE_UNAVAILABLE")))
	r.check("a wrong password is SOURCE_AUTH", g.waitCode(ctx, "locked", "SOURCE_AUTH"))
	r.check("a database that does not exist is SOURCE_BAD_DATA", g.waitCode(ctx, "nowhere", "SOURCE_BAD_DATA"))
	p.be(fault{})
	r.check("it reads the ERP when that is there", g.waitSynced(ctx, "crm", "erp"))
	r.note("after %s", time.Since(began).Round(time.Millisecond))
	answers, err := g.everybody(ctx)
	if err != nil {
		return err
	}
	whom := richest(answers, erp.name)
	for _, f := range faults {
		p.be(f)
		during, wrong, err := g.one(ctx, whom.ID)
		r.check(fmt.Sprintf("a proxy that %s: %s of the ERP, the CRM's fields are there", f.name, f.code), errors.Join(
			err, without(erp.name, during, whom), wantCodes(wrong, erp, f.code), g.waitCode(ctx, "erp", f.code), g.waitSynced(ctx, "crm")))
		p.be(fault{})
		// A reading that fails again and again is tried less often: let it succeed.
		if err := g.waitSynced(ctx, "erp"); err != nil {
			return err
		}
	}
	r.check("and then nothing is wrong any more", errors.Join(g.waitSynced(ctx, "crm", "erp"), sameAnswer(ctx, g, whom)))
	g.stop()
	quiet(r, "the troubled gateway", g, people, p.secrets())
	return nil
}

// personal are values of people that no log line and no error may hold, in any
// case; short ones stand in other words.
func personal(said map[string]*record) []string {
	var values []string
	for _, rec := range said {
		values = append(values, rec.name, rec.company)
		values = append(values, rec.emails...)
		values = append(values, rec.phones...)
		for _, t := range rec.tickets {
			parts := strings.Split(t, "|")
			values = append(values, parts[2])
			for i := 9; i < len(parts); i += 3 { // what messages say
				values = append(values, strings.Split(parts[i], "\n")...)
			}
		}
	}
	return slices.DeleteFunc(distinct(values), func(v string) bool { return len(v) < 7 })
}

// quiet holds the log and what errors said against what they must not tell.
func quiet(r *report, who string, g *gateway, people, secrets []string) {
	log, err := os.ReadFile(g.logFile())
	text := string(log) + strings.Join(g.said, "\n")
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			err = errors.Join(err, errors.New("it tells a secret"))
		}
	}
	lower := strings.ToLower(text)
	for _, v := range people {
		if strings.Contains(lower, strings.ToLower(v)) {
			err = errors.Join(err, errors.New("it tells a value of a person"))
		}
	}
	r.check(fmt.Sprintf("%s: %d lines of log at level debug and %d errors hold none of %d secrets and %d personal values",
		who, strings.Count(string(log), "\n"), len(g.said), len(secrets), len(people)), err)
}
