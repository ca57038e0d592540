// Package console serves the pages that people meet: GraphiQL, and later the
// agent console. It is TypeScript in `src`, built by Vite into `dist`; the
// built files are committed and embedded, so a Go build needs no Node.
//
// The room knows the public endpoint alone. Whatever a page may know beside it
// (the demo's roles and their tokens) comes in as a [Session].
//
// To change a page: `npm ci`, `npm run dev`; then `npm run check`, `npm run build`
// and commit `dist` with the source. `npm test` drives a running server
// (C360_URL) through Chromium.
package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed dist
var dist embed.FS

// Root is the path that the pages live under. Mount the [Handler] on it and on
// everything below it.
const Root = "/graphiql"

// Session is what the page asks the server before its first query.
type Session struct {
	// Demo says that there is a token for every role, and that it may be told.
	Demo bool `json:"demo"`
	// Endpoint is the path that queries go to.
	Endpoint string `json:"endpoint"`
	// Roles are what one can be in the demo; empty outside of it.
	Roles []Role `json:"roles"`
}

// Role is one of the demo's callers.
type Role struct {
	Name     string   `json:"role"`
	Token    string   `json:"token"`
	Purposes []string `json:"purposes"`
}

// Handler serves GraphiQL under [Root]. It needs no token: the page is static,
// and a session outside the demo holds nothing secret.
func Handler(session Session) (http.Handler, error) {
	files, err := builtFiles()
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	if session.Roles == nil {
		session.Roles = []Role{}
	}
	told, err := json.Marshal(session)
	if err != nil {
		return nil, fmt.Errorf("console: session: %w", err)
	}
	return &pages{files: files, session: told}, nil
}

type pages struct {
	files   map[string]file
	session []byte
}

// file is one built file, with the digest of its content for an ETag.
type file struct {
	body        []byte
	contentType string
	etag        string
}

// policy lets the page load nothing and talk to nobody but its own origin.
// GraphiQL's editors write style attributes, and bring fonts and images as data.
const policy = "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; " +
	"style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")

	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name, below := strings.CutPrefix(r.URL.Path, Root)
	switch {
	case !below:
		http.NotFound(w, r)
	case name == "/session.json":
		p.serveSession(w)
	default:
		p.serveFile(w, r, name)
	}
}

// serveSession leaves no copy behind: demo tokens are no secret, but a browser
// must not go on offering them once the server serves something else.
func (p *pages) serveSession(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(p.session)
}

// serveFile answers by the content's ETag: names carry no hash, so a browser
// keeps what it has and asks each time whether that still holds.
func (p *pages) serveFile(w http.ResponseWriter, r *http.Request, name string) {
	if name == "" || name == "/" {
		name = "/index.html"
	}
	f, ok := p.files[strings.TrimPrefix(name, "/")]
	if !ok || !strings.HasPrefix(name, "/") {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", f.contentType)
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", f.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.body))
}

// contentTypes is closed: the machine's own MIME table has no say.
var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".md":   "text/markdown; charset=utf-8",
	".txt":  "text/plain; charset=utf-8",
}

// builtFiles reads what was embedded, by its path below dist.
func builtFiles() (map[string]file, error) {
	files := map[string]file{}
	err := fs.WalkDir(dist, "dist", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := dist.ReadFile(name)
		if err != nil {
			return err
		}
		contentType, ok := contentTypes[path.Ext(name)]
		if !ok {
			return fmt.Errorf("%s: no content type for this kind of file", name)
		}
		digest := sha256.Sum256(body)
		files[strings.TrimPrefix(name, "dist/")] = file{
			body:        body,
			contentType: contentType,
			etag:        `"` + hex.EncodeToString(digest[:16]) + `"`,
		}
		return nil
	})
	return files, err
}
