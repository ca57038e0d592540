package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

// A wire is a connector over a connection that a test holds the other end of.
type wire struct {
	rt  http.RoundTripper
	url string
}

func (w *wire) Source() idgraph.Source  { return "desk" }
func (w *wire) About() connectors.About { return connectors.About{Kind: "wire"} }
func (w *wire) Close() error            { return nil }

// Tickets answers none, when the body has been read to its end.
func (w *wire) Tickets(ctx context.Context, _ connectors.Query) (connectors.Answers[connectors.Ticket], error) {
	_, err := post(ctx, w.rt, w.url)
	return nil, err
}

// line listens, hands every connection to serve, and answers with a connector
// in front and how often somebody hung up.
func line(t *testing.T, serve func(net.Conn)) (*connectors.Asker, chan struct{}) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	hungUp := make(chan struct{}, 16)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
				_, _ = io.Copy(io.Discard, conn) // ends when the other side is gone
				hungUp <- struct{}{}
			}()
		}
	}()
	base := &http.Transport{}
	t.Cleanup(base.CloseIdleConnections)
	w := &wire{rt: Errors(Cap(Slots(4, base))), url: "http://" + l.Addr().String()}
	return &connectors.Asker{Connector: w, Timeout: 400 * time.Millisecond, Backoff: time.Millisecond}, hungUp
}

// read takes the beginning of a request in.
func read(c net.Conn) { _, _ = c.Read(make([]byte, 4096)) }

// Whatever a network does to a call, it ends in time, with a word for what
// happened; and a call that nobody waits for any more is hung up at once.
func TestACallOverABadNetworkEndsInTime(t *testing.T) {
	for _, c := range []struct {
		name   string
		serve  func(net.Conn)
		want   error
		calls  int
		hangUp bool // by us
	}{
		{"nobody reads what arrives", func(net.Conn) {}, connectors.ErrTimeout, 1, true},
		{"it takes the request and says nothing", read, connectors.ErrTimeout, 1, true},
		{"a header that never ends", func(c net.Conn) { read(c); _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX-A: ") }, connectors.ErrTimeout, 1, true},
		{"a body that drips", func(c net.Conn) {
			read(c)
			_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
			for ; err == nil; time.Sleep(5 * time.Millisecond) {
				_, err = c.Write([]byte("a"))
			}
		}, connectors.ErrTimeout, 1, true},
		{"it resets before it answers", func(c net.Conn) { read(c); _ = c.(*net.TCPConn).SetLinger(0); _ = c.Close() }, connectors.ErrUnavailable, 2, false},
		{"it breaks off within the body", func(c net.Conn) {
			read(c)
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nsome")
			_ = c.Close()
		}, connectors.ErrUnavailable, 2, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, hungUp := line(t, c.serve)
			if !c.hangUp {
				a.Timeout = 5 * time.Second // time for a second try, on a busy machine too
			}
			began := time.Now()
			q := connectors.Query{Refs: []idgraph.Ref{{Source: "desk", ID: "1"}}, Limit: 1}
			_, tally := connectors.Ask(t.Context(), a, connectors.KindTicket, q, a.Connector.(connectors.TicketLister).Tickets)
			if !errors.Is(tally.Err, c.want) || tally.Calls != c.calls {
				t.Errorf("%v after %d calls, want %v after %d", tally.Err, tally.Calls, c.want, c.calls)
			}
			if took := time.Since(began); took > 4*time.Second {
				t.Errorf("took %s", took)
			}
			if !c.hangUp {
				return
			}
			select {
			case <-hungUp:
			case <-time.After(5 * time.Second):
				t.Error("the source is still held on the line")
			}
		})
	}
}
