package limits

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Body is the most bytes that a request's body may have.
const Body = 256 << 10

// Hosts lets pass requests that name one of our own hosts, and of those that
// come from a page only the ones from our own or a listed page: a foreign page
// in somebody's browser must not reach a gateway on that machine. Loopback
// names always pass.
func Hosts(hosts, origins []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := hostname(r.Host)
		if !ours(host, hosts) {
			Refuse(w, http.StatusMisdirectedRequest, "FORBIDDEN", "this gateway does not go by that host name; add it to `hosts` in the configuration")
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" && !slices.Contains(origins, origin) {
			u, err := url.Parse(origin)
			if err != nil || !strings.EqualFold(u.Host, r.Host) {
				Refuse(w, http.StatusForbidden, "FORBIDDEN", "requests from that page are not allowed; add it to `origins` in the configuration")
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func ours(host string, hosts []string) bool {
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return true
	}
	return slices.ContainsFunc(hosts, func(h string) bool { return strings.EqualFold(h, host) })
}

func hostname(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return strings.Trim(hostport, "[]")
}

// Refuse answers an error as JSON, in the form of GraphQL's.
func Refuse(w http.ResponseWriter, status int, code, text string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`{"errors":[{"message":"` + text + `","extensions":{"code":"` + code + `"}}],"data":null}` + "\n"))
}

// Lookups allows each caller so many look-ups a minute, all of them at once if need be.
type Lookups struct {
	PerMinute int
	mu        sync.Mutex
	byCaller  map[string]*rate.Limiter
}

// Allow says whether the caller may look up once more now.
func (l *Lookups) Allow(caller string) bool { return l.AllowN(caller, 1) }

// AllowN says whether the caller may look up so many times more now. Where it
// may not, none are counted.
func (l *Lookups) AllowN(caller string, n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byCaller == nil {
		l.byCaller = map[string]*rate.Limiter{}
	}
	lim := l.byCaller[caller]
	if lim == nil {
		lim = rate.NewLimiter(rate.Every(time.Minute/time.Duration(l.PerMinute)), l.PerMinute)
		l.byCaller[caller] = lim
	}
	return lim.AllowN(time.Now(), n)
}
