package requesttracker

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"customer360/connectors"
	"customer360/idgraph"
)

// said are the types of transactions that are messages. Comments are the
// staff's own.
var said = []string{"Create", "Correspond"}

// A transaction is something that happened to a ticket.
type transaction struct {
	ID         number `json:"id"`
	Type       string `json:"Type"`
	ObjectType string `json:"ObjectType"`
	Ticket     number `json:"ObjectId"`
	Created    stamp  `json:"Created"`
	Creator    struct {
		ID    number `json:"id"`
		Login string `json:"Name"`
	} `json:"Creator"`
}

// An attachment is a part of what a transaction brought.
type attachment struct {
	ID          number `json:"id"`
	Transaction number `json:"TransactionId"`
	Type        string `json:"ContentType"`
	File        string `json:"Filename"`
	Content     string `json:"Content"`
}

// Messages are what was said in tickets: the transactions of many by one
// search, newest first or by id, and their texts by another. Request Tracker
// knows no "latest K of each": it is one list over all of them, which is left
// when each has all that was asked for.
func (c *connector) Messages(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Message], error) {
	ids, refs := idsOf(q.Refs)
	answers := make(connectors.Answers[connectors.Message], len(ids))
	for part := range slices.Chunk(ids, messageLimit.N) {
		if err := c.messagesOf(ctx, q, part, refs, answers); err != nil {
			return nil, c.fail("messages", err)
		}
	}
	return answers, nil
}

func (c *connector) messagesOf(ctx context.Context, q connectors.Query, tickets []int64, refs map[int64]idgraph.Ref, answers connectors.Answers[connectors.Message]) error {
	var staff map[number]bool
	if q.Fields.Has("author") {
		var err error
		if staff, err = c.staffed(ctx); err != nil {
			return err
		}
	}
	l := listing{
		of: "transactions", about: fmt.Sprintf("%d tickets", len(tickets)), order: []string{"id"}, rows: c.rest.rows,
		fields: asks(q.Fields, []column{{"author", []string{"Creator"}}, {"sentAt", []string{"Created"}}}, "id", "Type", "ObjectType", "ObjectId"),
		where:  []entry{{"ObjectType", "=", "RT::Ticket"}},
		with:   map[string][]string{"fields[Creator]": {"id,Name"}},
	}
	for _, name := range said {
		l.where = append(l.where, entry{"Type", "=", name})
	}
	for _, id := range tickets {
		l.where = append(l.where, entry{"ObjectId", "=", strconv.FormatInt(id, 10)})
	}
	if q.Order == connectors.NewestFirst {
		l.order = []string{"Created DESC", "id"}
		if !slices.Contains(l.fields, "Created") {
			l.fields = append(l.fields, "Created")
		}
	}
	seen, last := map[number]bool{}, transaction{}
	for l.page = 1; ; l.page++ {
		if l.page > mostPages {
			return connectors.ErrTooLarge
		}
		p, err := list[transaction](ctx, c.rest, l)
		if err != nil {
			return err
		}
		for _, t := range *p.Items {
			if seen[t.ID] { // what was written meanwhile moved it to the next page
				continue
			}
			if t.ID <= 0 || t.ObjectType != "RT::Ticket" || !slices.Contains(said, t.Type) || !slices.Contains(tickets, int64(t.Ticket)) {
				return fmt.Errorf("a transaction that was not asked for: %w", connectors.ErrBadData)
			}
			if len(seen) > 0 && !after(t, last, q.Order) {
				return fmt.Errorf("transactions in another order: %w", connectors.ErrBadData)
			}
			seen[t.ID], last = true, t
			owner := refs[int64(t.Ticket)]
			res := answers[owner]
			if len(res.Rows) >= q.Limit {
				res.More = true
			} else {
				res.Rows = append(res.Rows, messageOf(owner, q.Fields, t, staff))
			}
			answers[owner] = res
		}
		if !p.more() || !slices.ContainsFunc(tickets, func(id int64) bool { return !answers[refs[id]].More }) {
			break
		}
	}
	if !q.Fields.Has("text") {
		return nil
	}
	return c.addTexts(ctx, tickets, refs, answers)
}

func after(t, last transaction, order connectors.Ordering) bool {
	if order != connectors.NewestFirst {
		return t.ID > last.ID
	}
	if d := moment(t.Created).Compare(moment(last.Created)); d != 0 {
		return d < 0
	}
	return t.ID > last.ID
}

func messageOf(owner idgraph.Ref, wanted connectors.FieldSet, t transaction, staff map[number]bool) connectors.Message {
	m := connectors.Message{Record: connectors.NewRecord(owner, strconv.FormatInt(int64(t.ID), 10)), SentAt: t.Created.Time}
	if wanted.Has("author") && t.Creator.ID > 0 {
		author := connectors.MessageAuthor("CUSTOMER")
		switch {
		case isSystem(user{Login: t.Creator.Login}):
			author = "SYSTEM"
		case staff[t.Creator.ID]:
			author = "AGENT"
		}
		m.Author = &author
	}
	return m
}

// addTexts fills in what messages say.
func (c *connector) addTexts(ctx context.Context, tickets []int64, refs map[int64]idgraph.Ref, answers connectors.Answers[connectors.Message]) error {
	var rows []*connectors.Message
	var ids []string
	for _, id := range tickets {
		for i := range answers[refs[id]].Rows {
			rows = append(rows, &answers[refs[id]].Rows[i])
			ids = append(ids, rows[len(rows)-1].ID)
		}
	}
	texts := make(map[string]string, len(ids))
	for part := range slices.Chunk(ids, messageLimit.N) {
		if err := c.textsOf(ctx, part, texts); err != nil {
			return err
		}
	}
	for _, m := range rows {
		m.Text = text(texts[m.ID])
	}
	return nil
}

// textsOf reads the texts of some transactions: the first plain part of each
// that is no file, or else the first HTML part without its tags.
func (c *connector) textsOf(ctx context.Context, transactions []string, texts map[string]string) error {
	l := listing{
		of: "attachments", about: fmt.Sprintf("%d messages", len(transactions)), order: []string{"id"}, rows: c.rest.rows,
		fields: []string{"id", "TransactionId", "ContentType", "Filename", "Content"},
		where:  []entry{{"ContentType", "=", "text/plain"}, {"ContentType", "=", "text/html"}},
	}
	for _, id := range transactions {
		l.where = append(l.where, entry{"TransactionId", "=", id})
	}
	marked := map[string]string{}
	for l.page = 1; l.page <= mostPages; l.page++ {
		p, err := list[attachment](ctx, c.rest, l)
		if err != nil {
			return err
		}
		for _, a := range *p.Items {
			id := strconv.FormatInt(int64(a.Transaction), 10)
			if !slices.Contains(transactions, id) {
				return fmt.Errorf("an attachment that was not asked for: %w", connectors.ErrBadData)
			}
			switch content := strings.ReplaceAll(a.Content, "\r\n", "\n"); {
			case a.File != "" || strings.TrimSpace(content) == "":
			case a.Type == "text/plain" && texts[id] == "":
				texts[id] = content
			case a.Type == "text/html" && marked[id] == "":
				marked[id] = plain(content)
			}
		}
		if !p.more() {
			for id, content := range marked {
				if texts[id] == "" {
					texts[id] = content
				}
			}
			return nil
		}
	}
	return connectors.ErrTooLarge
}

// within are elements that stand within a word, which they do not end.
var within = []string{"a", "abbr", "b", "big", "code", "em", "font", "i", "mark", "s", "small", "span", "strike", "strong", "sub", "sup", "u", "wbr"}

// breaks are elements that begin a line of their own.
var breaks = []string{"br", "p", "div", "li", "tr", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "table", "ul", "ol"}

// plain is the text of a page of HTML.
func plain(markup string) string {
	var b strings.Builder
	hidden := 0 // how deep within what no reader sees
	for z := html.NewTokenizer(strings.NewReader(markup)); ; {
		kind := z.Next()
		var name []byte
		if kind == html.StartTagToken || kind == html.EndTagToken || kind == html.SelfClosingTagToken {
			name, _ = z.TagName()
		}
		unseen := slices.Contains([]string{"script", "style", "title"}, string(name))
		switch {
		case kind == html.ErrorToken:
			return lines(b.String())
		case kind == html.StartTagToken && unseen:
			hidden++
		case kind == html.EndTagToken && unseen:
			hidden = max(0, hidden-1)
		case kind == html.TextToken && hidden == 0:
			b.WriteString(strings.NewReplacer("\n", " ", "\r", " ").Replace(string(z.Text())))
		case slices.Contains(breaks, string(name)):
			b.WriteByte('\n')
		case name != nil && !slices.Contains(within, string(name)):
			b.WriteByte(' ')
		}
	}
}

// lines leaves one blank between two words, none at the ends of lines, and at
// most one line empty between two.
func lines(s string) string {
	var out []string
	for line := range strings.Lines(s) {
		line = strings.Join(strings.Fields(line), " ")
		if line != "" || len(out) > 0 && out[len(out)-1] != "" {
			out = append(out, line)
		}
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}
