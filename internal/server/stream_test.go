package server

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

func TestWhoStopsReadingIsLeft(t *testing.T) {
	ended := make(chan error, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s := newEvents(w).(events)
		s.patience = 200 * time.Millisecond
		big := payload{Response: &graphql.Response{Data: []byte(`"` + strings.Repeat("x", 1<<20) + `"`)}, partial: true, more: true}
		var err error
		for range 64 { // more than what lies between the two can hold
			if err = s.send(big); err != nil {
				break
			}
		}
		ended <- err
	}))
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err == nil {
			t.Error("64 MiB were sent to somebody who reads nothing")
		}
	case <-time.After(20 * time.Second):
		t.Error("it still waits")
	}
}

func TestTheServersWriteTimeoutDoesNotCutASlowStream(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s := newEvents(w)
		for range 3 {
			time.Sleep(150 * time.Millisecond)
			if err := s.send(payload{partial: true, more: true}); err != nil {
				t.Error(err)
			}
		}
		s.end()
	}))
	srv.Config.WriteTimeout, srv.Config.ReadTimeout = 200*time.Millisecond, 200*time.Millisecond
	srv.Start()
	defer srv.Close()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || strings.Count(string(text), "event: next") != 3 || !strings.Contains(string(text), "event: complete") {
		t.Errorf("%v, %q", err, text)
	}
}

func TestFormOf(t *testing.T) {
	for _, c := range []struct {
		accept string
		json   bool
		stream string
	}{
		{"", true, ""},
		{"*/*", true, ""},
		{"text/html", true, ""},
		{"application/json", true, ""},
		{"text/event-stream", false, "text/event-stream; charset=utf-8"},
		{"multipart/mixed", false, `multipart/mixed; boundary="-"; deferSpec=20220824`},
		{"multipart/mixed;deferSpec=20220824, text/event-stream, */*", true, `multipart/mixed; boundary="-"; deferSpec=20220824`},
		{"text/event-stream, multipart/mixed", false, "text/event-stream; charset=utf-8"},
		{"multipart/mixed;incrementalSpec=v0.2", true, ""},
		{`multipart/mixed;boundary="graphql";subscriptionSpec=1.0`, true, ""},
		{"multipart/mixed;deferSpec=20990101", true, ""},
		{"multipart/mixed;q=0.0, text/event-stream;q=0.1", false, "text/event-stream; charset=utf-8"},
		{";;, multipart/mixed;=", true, ""},
	} {
		f := formOf(http.Header{"Accept": {c.accept}})
		stream := ""
		if f.stream != nil {
			rec := httptest.NewRecorder()
			f.stream(rec)
			stream = rec.Header().Get("Content-Type")
		}
		if f.json != c.json || stream != c.stream {
			t.Errorf("%q: JSON %v, stream %q", c.accept, f.json, stream)
		}
	}
}
