package door

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"customer360/connectors"
	"customer360/idgraph"
)

// A stretch is the part of a list that one field asks for.
type stretch struct {
	since, until time.Time // zero is open
	after        place     // only rows behind it; its zero is the beginning
	owner        string    // the customer whose list the cursor is of, where there is one
	bad          bool      // whether the cursor is none of this list
}

func (w stretch) isZero() bool { return w == stretch{} }

// A part is a stretch of one kind's rows, and how many rows of it are wanted.
type part struct {
	stretch
	limit int
}

// maxParts bounds the parts of one kind's rows that an operation may ask for,
// each of which costs a call to every source, besides their beginning.
const maxParts = 8

// partSet is a set of a kind's rows: their beginning, and windows by their place
// in kindDemand.parts.
type partSet uint16

// whole stands for the rows from the list's beginning.
const whole partSet = 1

// each yields the numbers of the parts: 0 for the beginning.
func (p partSet) each(yield func(int) bool) {
	for i := range maxParts + 1 {
		if p&(1<<i) != 0 && !yield(i) {
			return
		}
	}
}

// part notes that so many rows of a stretch are wanted. More than maxParts are
// not noted: who asks for them is told.
func (k *kindDemand) part(w stretch, limit int) {
	if w.isZero() {
		k.limit = max(k.limit, limit)
		return
	}
	for i := range k.parts {
		if k.parts[i].stretch == w {
			k.parts[i].limit = max(k.parts[i].limit, limit)
			return
		}
	}
	if len(k.parts) < maxParts {
		k.parts = append(slices.Clip(k.parts), part{w, limit})
	}
}

// number is the number of a stretch's part, -1 where it was not noted.
func (k *kindDemand) number(w stretch) int {
	if w.isZero() {
		return 0
	}
	for i := range k.parts {
		if k.parts[i].stretch == w {
			return i + 1
		}
	}
	return -1
}

// stretch is the stretch of a part by its number.
func (k *kindDemand) stretch(number int) stretch {
	if number == 0 {
		return stretch{}
	}
	return k.parts[number-1].stretch
}

// partsOf are the parts that one root field's demand asks for.
func (k *kindDemand) partsOf(of *kindDemand, kind connectors.Kind) (out partSet) {
	if !of.asked {
		return 0
	}
	if of.limit > 0 || kind == connectors.KindProfile {
		out |= whole
	}
	for i := range of.parts {
		if n := k.number(of.parts[i].stretch); n > 0 {
			out |= 1 << n
		}
	}
	return out
}

// ask is what one source is asked for a part: a stretch where it can tell one,
// else as much as is ever read.
func (k *kindDemand) ask(number int, kind connectors.Kind, src *source) (limit int, w connectors.Window) {
	switch {
	case number == 0:
		return min(max(k.limit, 1), connectors.MaxRows), w
	case !src.about.Windows[kind]:
		return connectors.MaxRows, w
	}
	p := k.parts[number-1]
	return min(p.limit, connectors.MaxRows), p.at(kind, src.name)
}

// at is the stretch as one source is asked for it: of rows at one time, those of
// some sources and kinds stand before the place, and others behind it.
func (w stretch) at(kind connectors.Kind, src idgraph.Source) connectors.Window {
	out := connectors.Window{Since: w.since, Until: w.until}
	p := w.after
	if p.source == "" {
		return out
	}
	out.After = connectors.Place{Time: p.time, Undated: p.time.IsZero()}
	switch d := cmp.Or(cmp.Compare(kind, p.kind), cmp.Compare(string(src), p.source)); {
	case d == 0:
		out.After.ID = p.id
	case d < 0 && !out.After.Undated:
		out.After.Time = p.time.Add(-1)
	}
	return out
}

// covers says whether a stretch's range holds a time.
func (w stretch) covers(t *time.Time) bool {
	if w.since.IsZero() && w.until.IsZero() {
		return true
	}
	return t != nil && (w.since.IsZero() || !t.Before(w.since)) && (w.until.IsZero() || t.Before(w.until))
}

// A Span is what all lists of rows take: how many, from where, of which time.
type Span struct {
	First        int
	After        *string
	Since, Until *time.Time
}

// stretchOf is the stretch of a span. A cursor that is none of the list makes one
// that is bad.
func (d *Door) stretchOf(list string, s Span) (w stretch) {
	if s.Since != nil {
		w.since = s.Since.UTC()
	}
	if s.Until != nil {
		w.until = s.Until.UTC()
	}
	if s.After != nil {
		var err error
		if w.after, w.owner, err = d.unseal(list, *s.After); err != nil {
			w.bad = true
		}
	}
	return w
}

// stretch checks a span of one of the customer's lists, and answers its stretch.
func (s *subject) stretch(list string, span Span) (stretch, error) {
	if err := CheckFirst(span.First); err != nil {
		return stretch{}, err
	}
	if err := checkRange("", span.Since, span.Until); err != nil {
		return stretch{}, err
	}
	w := s.op.door.stretchOf(list, span)
	if w.bad || w.owner != "" && w.owner != s.key() {
		return w, errCursor
	}
	return w, nil
}

// partOf gathers the rows of a stretch.
func partOf[T connectors.Row](ctx context.Context, s *subject, k connectors.Kind, w stretch) (gathering[T], error) {
	n := s.op.demand.of(k).number(w)
	if n < 0 {
		return gathering[T]{}, fmt.Errorf("more than %d pages of one kind of rows in one operation; ask for some of them in another: %w", maxParts+1, ErrTooCostly)
	}
	return gather[T](ctx, s, k, n)
}

// checkRange holds times to years of four digits: sources write them so.
func checkRange(under string, since, until *time.Time) error {
	for _, t := range []struct {
		name string
		at   *time.Time
	}{{"since", since}, {"until", until}} {
		if t.at != nil && (t.at.Year() < 1000 || t.at.Year() > 9999) {
			return &InputError{under + t.name, "must be of a year from 1000 to 9999"}
		}
	}
	return nil
}

// stretch reads the stretch that a list's arguments ask for.
func (l *lookAhead) stretch(f *ast.Field, list string) stretch {
	s := Span{Since: l.time(f, "since"), Until: l.time(f, "until")}
	switch after := l.argument(f, "after").(type) {
	case nil:
	case string:
		s.After = &after
	default:
		return stretch{bad: true}
	}
	return l.door.stretchOf(list, s)
}

// rowsFor is how many rows a list's page asks of each source: one more than the
// page, or as many as are ever read where rows are picked by what they hold.
func (l *lookAhead) rowsFor(f *ast.Field) int {
	if l.argument(f, "status") != nil || l.argument(f, "stage") != nil {
		return connectors.MaxRows
	}
	if first := l.first(f); first > 0 && first <= maxPage {
		return first + 1
	}
	return 1 // no page: who asks is told so
}

// kinds are those that a timeline is asked for.
func (l *lookAhead) kinds(f *ast.Field) []connectors.Kind {
	named := words[connectors.Kind](l.argument(f, "kinds"))
	if named == nil {
		return timelineKinds
	}
	return slices.DeleteFunc(slices.Clone(timelineKinds), func(k connectors.Kind) bool {
		return !slices.Contains(named, k)
	})
}

// argument is the value of a field's argument, nil where none is given.
func (l *lookAhead) argument(f *ast.Field, name string) any {
	arg := f.Arguments.ForName(name)
	if arg == nil {
		return nil
	}
	v, err := arg.Value.Value(l.variables)
	if err != nil {
		return nil
	}
	return v
}

func (l *lookAhead) time(f *ast.Field, name string) *time.Time {
	v := l.argument(f, name)
	if v == nil {
		return nil
	}
	t, err := connectors.UnmarshalTime(v)
	if err != nil {
		return nil // the executor refuses it
	}
	return &t
}
