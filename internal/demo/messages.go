package demo

import (
	"cmp"
	"slices"
	"time"
)

// A letter is one message of a ticket.
type letter struct {
	ticket     int
	side, body string
	sent       time.Time
}

// writeMessages gives every ticket the messages that led to where it stands:
// the first when it was opened, the last when it was changed last.
func writeMessages(t tables, l letters, d *dice, tickets []ticket) {
	var drawn []letter
	for i, v := range tickets {
		drawn = append(drawn, drawLetters(l, d, 20001+i, v)...)
	}
	slices.SortStableFunc(drawn, func(a, b letter) int { return cmp.Compare(a.sent.Unix(), b.sent.Unix()) })
	for i, m := range drawn {
		t.add("messages", 70001+i, m.ticket, m.side, m.sent.Format(time.RFC3339), m.body)
	}
}

func drawLetters(l letters, d *dice, number int, v ticket) []letter {
	out := []letter{{number, "requester", v.subject + "\n\n" + pick(d, l.Asked), v.created}}
	if v.status == "new" || !v.updated.After(v.created) {
		return out
	}
	between := func() time.Time { return d.between(out[len(out)-1].sent, v.updated) }
	if d.percent(15) {
		out = append(out, letter{number, "note", pick(d, l.Noted), between()})
	}
	for range d.below(3) {
		out = append(out, letter{number, "staff", pick(d, l.Answered), between()}, letter{number, "requester", pick(d, l.Asked), between()})
	}
	if v.status == "open" {
		out = append(out, letter{number, "requester", pick(d, l.Asked), v.updated})
		return out
	}
	out = append(out, letter{number, "staff", pick(d, l.Answered), v.updated})
	if v.status == "closed" && d.percent(40) {
		out[len(out)-1].sent = between()
		out = append(out, letter{number, "requester", pick(d, l.Thanked), v.updated})
	}
	if (v.status == "solved" || v.status == "closed") && d.percent(30) {
		out = append(out, letter{number, "system", "This conversation was set to " + v.status + ".", v.updated})
	}
	return out
}
