package main

import (
	"context"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

var tag = regexp.MustCompile(`<[^>]*>`)

// messages are what was said, by ticket. Who spoke and when is in each ticket's
// own history; comments there are notes among staff. What was said is the first
// plain part that is no file, or else the HTML part as it reads.
func (s *system) messages(ctx context.Context, tickets []row, staff map[string]bool) (map[string][]string, error) {
	parts, err := s.api.deskList(ctx, http.MethodPost, "attachments?orderby=id&fields=id,TransactionId,ContentType,Filename,Content",
		[]row{{"field": "ContentType", "operator": "LIKE", "value": "text/"}})
	if err != nil {
		return nil, err
	}
	texts, pages := map[string]string{}, map[string]string{}
	for _, a := range parts {
		of := texts
		if text(a["ContentType"]) == "text/html" {
			of = pages
		}
		if id := text(a["TransactionId"]); text(a["Filename"]) == "" && of[id] == "" {
			of[id] = strings.ReplaceAll(text(a["Content"]), "\r\n", "\n")
		}
	}
	read := strings.NewReplacer("</p><p>", "\n\n", "<br>", "\n")
	var mu sync.Mutex
	of := map[string][]string{}
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(3) // its workers
	for _, t := range tickets {
		all.Go(func() error {
			history, err := s.api.deskList(ctx, http.MethodGet, "ticket/"+text(t["id"])+"/history?fields=id,Type,Created,Creator", nil)
			mu.Lock()
			defer mu.Unlock()
			for _, h := range history {
				if h["Type"] != "Create" && h["Type"] != "Correspond" {
					continue
				}
				author, login := "CUSTOMER", text(at(h, "Creator", "id"))
				switch {
				case staff[login]:
					author = "AGENT"
				case login == "RT_System":
					author = "SYSTEM"
				}
				said := texts[text(h["id"])]
				if said == "" {
					said = strings.TrimSpace(html.UnescapeString(tag.ReplaceAllString(read.Replace(pages[text(h["id"])]), "")))
				}
				of[text(t["id"])] = append(of[text(t["id"])], tuple(moment(h["Created"]), author, said))
			}
			slices.Sort(of[text(t["id"])])
			return err
		})
	}
	return of, all.Wait()
}
