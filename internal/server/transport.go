package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"customer360/internal/limits"
	"customer360/internal/parts"
)

// post is GraphQL over a POST: it caps the body, never echoes it, and writes
// the data as the executor made it; whole, or in parts where the document
// defers some and the caller takes parts.
type post struct{ *Handler }

// Supports says which requests it takes.
func (post) Supports(r *http.Request) bool {
	if r.Method != http.MethodPost || r.Header.Get("Upgrade") != "" {
		return false
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && media == "application/json"
}

// Do answers one request.
func (p post) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	begun := graphql.Now()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limits.Body))
	if err != nil {
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			limits.Refuse(w, http.StatusRequestEntityTooLarge, "BAD_INPUT", "the body is larger than 256 KiB")
			return
		}
		limits.Refuse(w, http.StatusBadRequest, "BAD_INPUT", "the body could not be read to its end")
		return
	}
	params := &graphql.RawParams{Headers: r.Header}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(params); err != nil || dec.More() {
		limits.Refuse(w, http.StatusBadRequest, "BAD_INPUT", "the body is not a JSON object with query, variables and operationName")
		return
	}
	params.ReadTime = graphql.TraceTiming{Start: begun, End: graphql.Now()}
	form := formOf(r.Header)
	oc, errs := exec.CreateOperationContext(r.Context(), params)
	if errs != nil {
		status := http.StatusOK
		if strings.Contains(r.Header.Get("Accept"), "application/graphql-response+json") {
			status = http.StatusBadRequest
		}
		form.write(w, r, status, exec.DispatchError(graphql.WithOperationContext(r.Context(), oc), presentable(params.Query, errs)))
		return
	}
	if form.stream != nil {
		if cut := parts.Cut(oc); len(cut) > 1 {
			p.deliver(r, exec, oc, cut, form.stream(w))
			return
		}
	}
	responses, ctx := exec.DispatchOperation(r.Context(), parts.Whole(oc))
	form.write(w, r, http.StatusOK, responses(ctx))
}

// write sends a whole response; its data goes out as it is.
func (f form) write(w http.ResponseWriter, r *http.Request, status int, resp *graphql.Response) {
	if !f.json {
		s := f.stream(w)
		_ = s.send(payload{Response: resp})
		s.end()
		return
	}
	text := payload{Response: resp}.text()
	media := "application/json; charset=utf-8"
	if strings.Contains(r.Header.Get("Accept"), "application/graphql-response+json") {
		media = "application/graphql-response+json; charset=utf-8"
	}
	w.Header().Set("Content-Type", media)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}
