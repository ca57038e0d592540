package tryton

import (
	"strconv"
	"strings"
	"time"

	"customer360/idgraph"
)

// A domain is Tryton's filter: a list of clauses that all hold, or, after "OR",
// of which one holds.
type domain []any

func clause(field, op string, value any) domain { return domain{field, op, value} }

func anyOf(clauses ...domain) domain {
	or := make(domain, 0, len(clauses)+1)
	or = append(or, "OR")
	for _, c := range clauses {
		or = append(or, c)
	}
	return or
}

// contains matches text that holds s, in any case, whatever s is made of.
func contains(field, s string) domain { return clause(field, "ilike", "%"+escape.Replace(s)+"%") }

// spread matches text that holds the characters of s in their order, with
// anything between them: numbers are stored as typed.
func spread(s string) string {
	var b strings.Builder
	b.WriteByte('%')
	for _, r := range s {
		b.WriteString(escape.Replace(string(r)))
		b.WriteByte('%')
	}
	return b.String()
}

var escape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// changed matches rows written or made since t. A row's write_date is null
// until its first change.
func changed(t time.Time) domain {
	return anyOf(clause("write_date", ">=", datetime(t)), clause("create_date", ">=", datetime(t)))
}

// changedParty matches parties that changed since t in anything that tells who
// they are: the rows that hang on a party do not move its own write_date. The
// relations are a CRM's.
func changedParty(t time.Time, parts ...string) domain {
	or := changed(t)
	for _, part := range parts {
		or = append(or, clause(part, "where", changed(t)))
	}
	return or
}

func datetime(t time.Time) map[string]any {
	t = t.UTC()
	return map[string]any{
		"__class__": "datetime", "year": t.Year(), "month": int(t.Month()), "day": t.Day(),
		"hour": t.Hour(), "minute": t.Minute(), "second": t.Second(), "microsecond": t.Nanosecond() / 1000,
	}
}

func date(t time.Time) map[string]any {
	t = t.UTC()
	return map[string]any{"__class__": "date", "year": t.Year(), "month": int(t.Month()), "day": t.Day()}
}

// idsOf are the numbers of the refs, with the way back. An id is a serial of 32
// bits; a ref with anything else is none of this system's, and left out.
func idsOf(refs []idgraph.Ref) ([]int64, map[int64]idgraph.Ref) {
	ids, back := make([]int64, 0, len(refs)), make(map[int64]idgraph.Ref, len(refs))
	for _, ref := range refs {
		if id, err := strconv.ParseInt(ref.ID, 10, 32); err == nil && strconv.FormatInt(id, 10) == ref.ID {
			ids = append(ids, id)
			back[id] = ref
		}
	}
	return ids, back
}

func (c *connector) ref(id int64) idgraph.Ref {
	return idgraph.Ref{Source: c.setup.Source, ID: strconv.FormatInt(id, 10)}
}
