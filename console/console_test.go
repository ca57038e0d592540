package console_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"customer360/console"
)

// demo is a session as the demo's server tells it.
var demo = console.Session{
	Demo:     true,
	Endpoint: "/graphql",
	Roles: []console.Role{
		{Name: "support-agent", Token: "demo-support-agent", Purposes: []string{"support.case"}},
		{Name: "marketing", Token: "demo-marketing", Purposes: []string{"marketing.email", "marketing.sms"}},
	},
}

func serve(t *testing.T, session console.Session) *httptest.Server {
	t.Helper()
	handler, err := console.Handler(session)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func do(t *testing.T, method, url string, headers ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func TestFiles(t *testing.T) {
	server := serve(t, demo)
	for _, c := range []struct {
		name, path, contentType, contains string
		status                            int
	}{
		{"the page", "/graphiql", "text/html; charset=utf-8", "<title>customer360", 200},
		{"the page with a slash", "/graphiql/", "text/html; charset=utf-8", "<title>customer360", 200},
		{"the page by its name", "/graphiql/index.html", "text/html; charset=utf-8", "<title>customer360", 200},
		{"the script", "/graphiql/graphiql.js", "text/javascript; charset=utf-8", "X-Purpose", 200},
		{"the styles", "/graphiql/graphiql.css", "text/css; charset=utf-8", ".graphiql-container", 200},
		{"the worker of all editors", "/graphiql/editor.worker.js", "text/javascript; charset=utf-8", "", 200},
		{"the worker for GraphQL", "/graphiql/graphql.worker.js", "text/javascript; charset=utf-8", "", 200},
		{"the worker for JSON", "/graphiql/json.worker.js", "text/javascript; charset=utf-8", "", 200},
		{"the licences of what is bundled", "/graphiql/licenses.md", "text/markdown; charset=utf-8", "## graphiql - ", 200},
		{"the licences of the fonts", "/graphiql/fonts.txt", "text/plain; charset=utf-8", "Fira Code", 200},
		{"a file that is not there", "/graphiql/favicon.ico", "text/plain; charset=utf-8", "not found", 404},
		{"a folder", "/graphiql/dist/", "text/plain; charset=utf-8", "not found", 404},
		{"a way out", "/graphiql/%2e%2e/console.go", "text/plain; charset=utf-8", "not found", 404},
		{"a longer name", "/graphiqlindex.html", "text/plain; charset=utf-8", "not found", 404},
		{"another place", "/graphql", "text/plain; charset=utf-8", "not found", 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			response, body := do(t, http.MethodGet, server.URL+c.path)
			if response.StatusCode != c.status {
				t.Errorf("status %d, want %d", response.StatusCode, c.status)
			}
			if got := response.Header.Get("Content-Type"); got != c.contentType {
				t.Errorf("Content-Type %q, want %q", got, c.contentType)
			}
			if !strings.Contains(body, c.contains) {
				t.Errorf("the body lacks %q", c.contains)
			}
			checkGuards(t, response.Header)
		})
	}
}

// checkGuards looks for the headers that every answer carries.
func checkGuards(t *testing.T, header http.Header) {
	t.Helper()
	if got := header.Get("X-Content-Type-Options"); got != "nosniff" {
		t.Errorf("X-Content-Type-Options %q", got)
	}
	policy := header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'self';", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("Content-Security-Policy lacks %q: %s", part, policy)
		}
	}
	for _, part := range []string{"unsafe-eval", "http:", "https:", "*"} {
		if strings.Contains(policy, part) {
			t.Errorf("Content-Security-Policy allows %q: %s", part, policy)
		}
	}
}

func TestEveryFileThatThePageNamesIsThere(t *testing.T) {
	server := serve(t, demo)
	_, page := do(t, http.MethodGet, server.URL+"/graphiql")
	_, script := do(t, http.MethodGet, server.URL+"/graphiql/graphiql.js")
	named := regexp.MustCompile(`/graphiql/[a-z.]+\.(?:json|js|css)`).FindAllString(page+script, -1)
	if len(named) < 6 {
		t.Fatalf("only %d files named: %v", len(named), named)
	}
	for _, path := range named {
		if response, _ := do(t, http.MethodGet, server.URL+path); response.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", path, response.StatusCode)
		}
	}
}

func TestABrowserKeepsWhatHasNotChanged(t *testing.T) {
	server := serve(t, demo)
	first, _ := do(t, http.MethodGet, server.URL+"/graphiql/graphiql.js")
	etag := first.Header.Get("ETag")
	if etag == "" || strings.HasPrefix(etag, "W/") {
		t.Fatalf("ETag %q is not strong", etag)
	}
	if got := first.Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("Cache-Control %q", got)
	}
	again, body := do(t, http.MethodGet, server.URL+"/graphiql/graphiql.js", "If-None-Match", etag)
	if again.StatusCode != http.StatusNotModified || body != "" {
		t.Errorf("status %d with %d bytes, want 304 with none", again.StatusCode, len(body))
	}
	other, _ := do(t, http.MethodGet, server.URL+"/graphiql/graphiql.css", "If-None-Match", etag)
	if other.StatusCode != http.StatusOK {
		t.Errorf("another file's ETag: status %d, want 200", other.StatusCode)
	}
}

func TestOnlyReading(t *testing.T) {
	server := serve(t, demo)
	for _, path := range []string{"/graphiql", "/graphiql/session.json"} {
		head, body := do(t, http.MethodHead, server.URL+path)
		if head.StatusCode != http.StatusOK || body != "" || head.ContentLength <= 0 {
			t.Errorf("HEAD %s: status %d, %d bytes, length %d", path, head.StatusCode, len(body), head.ContentLength)
		}
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
			response, _ := do(t, method, server.URL+path)
			if response.StatusCode != http.StatusMethodNotAllowed || response.Header.Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: status %d, Allow %q", method, path, response.StatusCode, response.Header.Get("Allow"))
			}
		}
	}
}

func TestSession(t *testing.T) {
	for _, c := range []struct {
		name, want string
		session    console.Session
	}{
		{
			"the demo tells its roles and their tokens",
			`{"demo":true,"endpoint":"/graphql","roles":[` +
				`{"role":"support-agent","token":"demo-support-agent","purposes":["support.case"]},` +
				`{"role":"marketing","token":"demo-marketing","purposes":["marketing.email","marketing.sms"]}]}`,
			demo,
		},
		{
			"outside the demo there is nothing to tell",
			`{"demo":false,"endpoint":"/graphql","roles":[]}`,
			console.Session{Endpoint: "/graphql"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			response, body := do(t, http.MethodGet, serve(t, c.session).URL+"/graphiql/session.json")
			if body != c.want {
				t.Errorf("got  %s\nwant %s", body, c.want)
			}
			if !json.Valid([]byte(body)) || response.Header.Get("Content-Type") != "application/json" {
				t.Errorf("Content-Type %q", response.Header.Get("Content-Type"))
			}
			if got := response.Header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("Cache-Control %q", got)
			}
			checkGuards(t, response.Header)
		})
	}
}
