package server

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"customer360/internal/parts"
)

// sendTimeout is how long a caller may take to receive what is sent at once.
const sendTimeout = 10 * time.Second

// A payload is what is sent at once: an answer, the first part of one, or
// what is added to it.
type payload struct {
	*graphql.Response
	items   []parts.Item
	partial bool // whether it is one of several, and says so
	more    bool // whether another follows
}

// text is its JSON. Data goes out as it is.
func (p payload) text() []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	if p.items != nil {
		member(&b, "incremental", p.items)
	}
	if r := p.Response; r != nil {
		switch {
		case len(r.Data) > 0:
			b.WriteString(`"data":`)
			b.Write(r.Data)
		case !p.partial:
			b.WriteString(`"data":null`)
		}
		if len(r.Errors) > 0 {
			member(&b, "errors", r.Errors)
		}
		if len(r.Extensions) > 0 {
			member(&b, "extensions", r.Extensions)
		}
	}
	if p.partial {
		member(&b, "hasNext", p.more)
	}
	b.WriteByte('}')
	return b.Bytes()
}

func member(b *bytes.Buffer, name string, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		text = []byte(`null`)
	}
	if b.Len() > 1 {
		b.WriteByte(',')
	}
	b.WriteString(`"` + name + `":`)
	b.Write(text)
}

// A stream sends payloads as they come.
type stream interface {
	send(p payload) error
	alive() error // tells the caller that more is to come
	end()
}

// A form is how a caller takes answers.
type form struct {
	json   bool // whole, as JSON
	stream func(http.ResponseWriter) stream
}

// formOf reads what a request accepts. Of the forms that take parts, the first
// that it lists counts; who lists none that there is gets JSON.
func formOf(h http.Header) form {
	var f form
	for _, entry := range strings.Split(strings.Join(h.Values("Accept"), ","), ",") {
		media, with, err := mime.ParseMediaType(entry)
		if err != nil || strings.Trim(with["q"], "0.") == "" && with["q"] != "" {
			continue
		}
		switch media {
		case "application/json", "application/graphql-response+json", "application/*", "*/*":
			f.json = true
		case "multipart/mixed":
			if spec := with["deferspec"]; f.stream == nil && (spec == "" || spec == "20220824") && with["incrementalspec"]+with["subscriptionspec"] == "" {
				f.stream = newMultipart
			}
		case "text/event-stream":
			if f.stream == nil {
				f.stream = newEvents
			}
		}
	}
	f.json = f.json || f.stream == nil
	return f
}

// A flow is the response under a stream: every write is flushed, and has a
// deadline of its own, so that whoever stops reading is left, and who waits
// for a slow source is not.
type flow struct {
	w        http.ResponseWriter
	ctrl     *http.ResponseController
	patience time.Duration
}

func newFlow(w http.ResponseWriter, media string) flow {
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // proxies must not wait for the end
	f := flow{w, http.NewResponseController(w), sendTimeout}
	_ = f.ctrl.SetReadDeadline(time.Time{}) // the body has been read; what is left to notice is that the caller goes
	return f
}

func (f flow) write(texts ...string) error {
	_ = f.ctrl.SetWriteDeadline(time.Now().Add(f.patience)) // not every writer can: then the server's counts
	for _, t := range texts {
		if _, err := f.w.Write([]byte(t)); err != nil {
			return err
		}
	}
	return f.ctrl.Flush()
}

// multipart is multipart/mixed as Apollo Client and urql read it. The line that
// ends a part leaves with it: readers wait for it.
type multipart struct {
	flow
	begun bool
}

const (
	delimiter = "\r\n---"
	partHead  = "\r\nContent-Type: application/json; charset=utf-8\r\n\r\n"
)

func newMultipart(w http.ResponseWriter) stream {
	return &multipart{flow: newFlow(w, `multipart/mixed; boundary="-"; deferSpec=20220824`)}
}

func (m *multipart) send(p payload) error {
	head, tail := strings.TrimPrefix(partHead, "\r\n"), delimiter+"\r\n"
	if !m.begun {
		m.begun, head = true, delimiter+partHead
	}
	if !p.more {
		tail = delimiter + "--\r\n"
	}
	return m.write(head, string(p.text()), tail)
}

// alive has nothing to send: between parts there is no room for it.
func (m *multipart) alive() error { return nil }

func (m *multipart) end() {}

// events is text/event-stream in graphql-sse's distinct connections mode.
type events struct{ flow }

func newEvents(w http.ResponseWriter) stream {
	return events{newFlow(w, "text/event-stream; charset=utf-8")}
}

func (e events) send(p payload) error {
	return e.write("event: next\ndata: ", string(p.text()), "\n\n")
}

func (e events) alive() error { return e.write(":\n\n") }

func (e events) end() { _ = e.write("event: complete\ndata:\n\n") }
