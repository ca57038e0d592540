package sql

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"customer360/connectors"
)

// A cursor is where a reading stands: in the stream of persons and in that of
// consents, each behind the last row read and behind the last one settled.
type cursor struct {
	Persons         place `json:"p"`
	PersonsSettled  place `json:"ps"`
	Consents        place `json:"c"`
	ConsentsSettled place `json:"cs"`
}

// A place is behind one row: its key and id, as the database holds them.
type place struct {
	Begun bool `json:"b,omitempty"`
	Key   any  `json:"k,omitempty"`
	ID    any  `json:"i,omitempty"`
}

// kept is a cell in a form that JSON gives back as it was. Times keep their
// fractions; whole numbers stay whole.
func kept(cell any) any {
	switch v := cell.(type) {
	case []byte:
		return string(v)
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	}
	return cell
}

// String is opaque to everyone else; "" is the beginning.
func (c cursor) String() string {
	if c == (cursor{}) {
		return ""
	}
	b, err := json.Marshal(c)
	if err != nil { // cells are text, numbers and bools
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseCursor(s string) (cursor, error) {
	if s == "" {
		return cursor{}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return cursor{}, fmt.Errorf("%w: %w", errCursor, connectors.ErrBadData)
	}
	var c cursor
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&c); err != nil {
		return cursor{}, fmt.Errorf("%w: %w", errCursor, connectors.ErrBadData)
	}
	for _, p := range []*place{&c.Persons, &c.PersonsSettled, &c.Consents, &c.ConsentsSettled} {
		p.Key, p.ID = typed(p.Key), typed(p.ID)
	}
	return c, nil
}

func typed(v any) any {
	n, ok := v.(json.Number)
	if !ok {
		return v
	}
	if i, err := n.Int64(); err == nil {
		return i
	}
	f, _ := n.Float64()
	return f
}
