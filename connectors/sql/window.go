package sql

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"customer360/connectors"
)

// A stored turns a moment into the form that a column keeps times in, rounded
// down to what it can hold; exact says whether nothing was lost.
type stored func(at time.Time) (value any, exact bool)

var storedText = regexp.MustCompile(`^YYYY(-MM-DD|MMDD)([ T]hh:mm(:ss(\.s{1,9})?)?Z?)?$`)

// layoutOf writes a pattern as package time does.
var layoutOf = strings.NewReplacer("YYYY", "2006", "MM", "01", "DD", "02", "hh", "15", "mm", "04", "ss", "05")

// stored reads timeAs.
func (cc *compiler) stored(key, as string) stored {
	step := func(unit time.Duration, value func(time.Time) any) stored {
		return func(at time.Time) (any, bool) {
			down := at.UTC().Truncate(unit)
			return value(down), down.Equal(at)
		}
	}
	native := func(at time.Time) any { return at }
	switch {
	case as == "":
		return nil
	case (as == "timestamp" || as == "date") && cc.driver == "sqlite":
		cc.note(key, fmt.Errorf("%s is a type of Postgres; SQLite stores texts (\"YYYY-MM-DD hh:mm:ss\") or numbers (unix)", as))
	case as == "timestamp":
		return step(time.Microsecond, native)
	case as == "date":
		return step(24*time.Hour, native)
	case as == "unix":
		return step(time.Second, func(at time.Time) any { return at.Unix() })
	case as == "unixMilli":
		return step(time.Millisecond, func(at time.Time) any { return at.UnixMilli() })
	case as == "unixMicro":
		return step(time.Microsecond, func(at time.Time) any { return at.UnixMicro() })
	case storedText.MatchString(as):
		return storedAsText(as)
	default:
		cc.note(key, errors.New("is none of timestamp, date, unix, unixMilli, unixMicro, and no text in the manner of YYYY-MM-DD hh:mm:ss"))
	}
	return nil
}

// storedAsText are texts that sort as their times do.
func storedAsText(as string) stored {
	head, fraction, _ := strings.Cut(as, ".")
	zone := strings.HasSuffix(as, "Z")
	layout := layoutOf.Replace(strings.TrimSuffix(head, "Z"))
	if digits := strings.Count(fraction, "s"); digits > 0 {
		layout += "." + strings.Repeat("0", digits)
	}
	if zone {
		layout += "Z"
	}
	return func(at time.Time) (any, bool) {
		text := at.UTC().Format(layout)
		down, err := time.Parse(layout, text)
		return text, err == nil && down.Equal(at)
	}
}

// tellsWindows says whether a list can be asked for in parts.
func (t *table[T]) tellsWindows() bool { return t != nil && t.stored != nil && t.newest != "" }

// A windowing is a window in SQL. The rows of the moment that it begins at are
// ranked apart: all of them come, and none counts towards the limit.
type windowing struct {
	rank      string
	rankArgs  []any
	where     string
	whereArgs []any
}

func (t *table[T]) window(w connectors.Window) (out windowing) {
	key, partition := t.newest, t.owner
	say := func(clause string, args ...any) {
		out.where, out.whereArgs = out.where+" AND "+clause, append(out.whereArgs, args...)
	}
	if !w.Since.IsZero() {
		at, exact := t.stored(w.Since)
		say(key+map[bool]string{true: " >= ?", false: " > ?"}[exact], at)
	}
	if !w.Until.IsZero() {
		at, exact := t.stored(w.Until)
		say(key+map[bool]string{true: " < ?", false: " <= ?"}[exact], at)
	}
	switch at := w.After; {
	case at.Undated:
		say(key + " IS NULL")
	case !at.Time.IsZero():
		from, exact := t.stored(at.Time)
		say("("+key+" <= ? OR "+key+" IS NULL)", from)
		if exact {
			partition += ", CASE WHEN " + key + " = ? THEN 1 ELSE 0 END"
			out.rankArgs = append(out.rankArgs, from)
		}
	}
	out.rank = fmt.Sprintf("rank() OVER (PARTITION BY %s ORDER BY %s IS NULL, %s DESC)", partition, key, key)
	return out
}

// storedAsSaid holds a row's time against timeAs: where a column is stored
// otherwise, comparing with it would leave rows out.
func (p *plan[T]) storedAsSaid(cells []any) error {
	for _, part := range p.parts {
		if part.field != p.table.time {
			cells = cells[len(part.exprs):]
			continue
		}
		at, err := momentOf(cells[0])
		if at == nil || err != nil {
			return err
		}
		want, exact := p.table.stored(*at)
		have := cells[0]
		if b, ok := have.([]byte); ok {
			have = string(b)
		}
		if t, ok := want.(time.Time); ok {
			have = t // the database's own type
		}
		if !exact || fmt.Sprint(have) != fmt.Sprint(want) {
			return fmt.Errorf("%s is not stored as timeAs says: %w", part.field, connectors.ErrBadData)
		}
		break
	}
	return nil
}
