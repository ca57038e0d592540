package prove

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
)

// takes are the ways in which callers take answers: whole, or in parts.
var takes = []string{
	"", "application/json", "multipart/mixed;deferSpec=20220824, application/json", "text/event-stream", "application/json, text/event-stream, multipart/mixed",
}

// payloads are the JSON texts of an answer, in whichever form it came.
func payloads(rec *httptest.ResponseRecorder) []string {
	media, body := rec.Header().Get("Content-Type"), rec.Body.String()
	var out []string
	switch {
	case strings.HasPrefix(media, "multipart/mixed"):
		for _, part := range strings.Split(body, "\r\n---") {
			if _, text, ok := strings.Cut(part, "\r\n\r\n"); ok {
				out = append(out, text)
			}
		}
	case strings.HasPrefix(media, "text/event-stream"):
		for _, event := range strings.Split(body, "\n\n") {
			if text, ok := strings.CutPrefix(event, "event: next\ndata: "); ok {
				out = append(out, text)
			}
		}
	default:
		out = []string{body}
	}
	return out
}

// A payload is one of several, or a whole answer.
type payload struct {
	Data       json.RawMessage
	Errors     []json.RawMessage
	Extensions json.RawMessage
	HasNext    *bool

	Incremental []json.RawMessage
}

// read takes an answer's payloads together: when they came, and which with
// which, hangs on the machine; what they hold does not.
func (a *answer) read(texts []string) error {
	var errs, items, extensions []string
	for i, text := range texts {
		var p payload
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			return fmt.Errorf("payload %d: %w", i+1, err)
		}
		if last := i == len(texts)-1; len(texts) > 1 && (p.HasNext == nil || *p.HasNext == last) {
			return fmt.Errorf("payload %d of %d says the wrong thing about another", i+1, len(texts))
		}
		if i == 0 {
			a.data = p.Data
		}
		for _, e := range p.Errors {
			errs = append(errs, string(e))
		}
		for _, item := range p.Incremental {
			items = append(items, string(item))
			var err error
			if a.data, err = added(a.data, item); err != nil {
				return fmt.Errorf("payload %d: %w", i+1, err)
			}
		}
		if len(p.Extensions) > 0 {
			extensions = append(extensions, string(p.Extensions))
		}
	}
	slices.Sort(errs)
	slices.Sort(items)
	a.rest = strings.Join(slices.Concat(errs, []string{""}, items, extensions), "\n")
	return nil
}

// added is data with an item put where its path leads, as a client puts it: by
// nothing of internal/parts, which the proof judges, and with its own mix.
func added(data, item json.RawMessage) (json.RawMessage, error) {
	var it struct {
		Data map[string]any
		Path []any
	}
	var root any
	if err := json.Unmarshal(item, &it); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &root); err != nil {
		return nil, err
	}
	at := root
	for _, step := range it.Path {
		switch in := at.(type) {
		case map[string]any:
			at = in[fmt.Sprint(step)]
		case []any:
			n, _ := step.(float64)
			if int(n) >= len(in) {
				return nil, fmt.Errorf("%v leads nowhere", it.Path)
			}
			at = in[int(n)]
		default:
			return nil, fmt.Errorf("%v leads nowhere", it.Path)
		}
	}
	object, ok := at.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%v leads to no object", it.Path)
	}
	mix(object, it.Data)
	return json.Marshal(root)
}

// mix puts fields into an object, and into the objects and lists within.
func mix(into, from map[string]any) {
	for name, v := range from {
		into[name] = mixed(into[name], v)
	}
}

func mixed(have, v any) any {
	switch v := v.(type) {
	case map[string]any:
		if in, ok := have.(map[string]any); ok {
			mix(in, v)
			return in
		}
	case []any:
		if in, ok := have.([]any); ok && len(in) == len(v) {
			for i := range in {
				in[i] = mixed(in[i], v[i])
			}
			return in
		}
	}
	return v
}
