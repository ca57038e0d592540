package connectors

import (
	"cmp"
	"strings"
	"time"
)

// A Window is a part of a list in the order NewestFirst; the zero Window is all
// of it. Whoever answers windows answers every row within, down to the last one
// that it answers: where it cannot cut between rows of one time, it answers them
// all, up to MaxRows, whatever Limit says. Rows besides (of the time of After,
// at or before that place) do no harm and don't count towards Limit.
type Window struct {
	Since, Until time.Time // rows from Since on, and before Until: none without a time; zero is open
	After        Place     // rows behind it
}

// A Place is where one row stands in the order NewestFirst; the zero Place is
// the beginning.
type Place struct {
	Time    time.Time // rows of this time and older ones are behind it, and those without a time
	Undated bool      // only rows without a time are
	ID      string    // and of the rows of this time (or without one) those behind this id; "" is all
}

// IsZero says whether a window is all of a list.
func (w Window) IsZero() bool { return w == Window{} }

// Holds says whether a row is within a window.
func (w Window) Holds(row Row) bool {
	at := row.Time()
	if !w.Since.IsZero() && (at == nil || at.Before(w.Since)) || !w.Until.IsZero() && (at == nil || !at.Before(w.Until)) {
		return false
	}
	switch after := w.After; {
	case after == Place{}:
		return true
	case at == nil:
		return !after.Undated || CompareIDs(row.Key().ID, after.ID) > 0
	case after.Undated:
		return false
	case at.Equal(after.Time):
		return CompareIDs(row.Key().ID, after.ID) > 0
	default:
		return at.Before(after.Time)
	}
}

// CompareIDs orders the ids of one source: "", then whole numbers by their
// value, then others. Among rows of one time a source's limit must cut where a
// page ends.
func CompareIDs(a, b string) int {
	switch na, nb := isNumber(a), isNumber(b); {
	case a == "" || b == "":
		return cmp.Compare(a, b)
	case na && nb:
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	case na:
		return -1
	case nb:
		return 1
	}
	return cmp.Compare(a, b)
}

func isNumber(id string) bool {
	return id != "" && (id[0] != '0' || id == "0") && strings.Trim(id, "0123456789") == ""
}
