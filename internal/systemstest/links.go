package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// minRecall is the least share of the true pairs that has to be found: more
// where so many records are held that a gateway counts them.
func minRecall(records int) float64 {
	if records >= 500 {
		return 0.92
	}
	return 0.80
}

// compareLinks holds the gateway's customers against the people who the
// seeders know to be one. Nobody but this test ever reads truth_id.
func compareLinks(r *report, known *graph, said map[string]*record, running fleet) error {
	person := map[string]string{} // record: truth_id
	for _, s := range running {
		if err := readSeeded(s, person); err != nil {
			return err
		}
	}
	truth, found, right, wrong := 0, 0, 0, []string(nil)
	verified, patterns := 0, map[string]*[2]int{} // by what a pair has in common: missed, of all
	for a, who := range person {
		for b, other := range person {
			if a >= b {
				continue
			}
			same, linked := who == other, known.customer[a] != "" && known.customer[a] == known.customer[b]
			if same {
				truth++
				count(patterns, common(said[a], said[b]), linked)
			}
			if linked {
				found++
			}
			if same && linked {
				right++
			}
			if same && linked && !known.doubtful[a] && !known.doubtful[b] {
				verified++
			}
			if linked && !same {
				wrong = append(wrong, a+" with "+b)
			}
		}
	}
	slices.Sort(wrong)
	for _, pair := range wrong {
		r.note("a false pair: %s", pair)
	}
	for _, p := range slices.SortedFunc(maps.Keys(patterns), func(a, b string) int {
		return cmp.Or(cmp.Compare(patterns[b][0], patterns[a][0]), cmp.Compare(a, b))
	}) {
		if n := patterns[p]; n[0] > 0 {
			r.note("missed %3d of %3d pairs: %s", n[0], n[1], p)
		}
	}
	precision, recall := share(right, found), share(right, truth)
	var err error
	if least := minRecall(len(person)); precision < 1 || recall < least || truth == 0 {
		err = fmt.Errorf("want precision 1.0 and recall %.2f at least", least)
	}
	r.check(fmt.Sprintf("links against truth: %d records, %d true pairs, %d found, %d of them right: precision %.3f, recall %.3f; verified %d of them, recall %.3f",
		len(person), truth, found, right, precision, recall, verified, share(verified, truth)), err)
	return nil
}

// common says how two records of one person compare, roughly.
func common(a, b *record) string {
	if a == nil || b == nil {
		return "one is gone"
	}
	mailbox := func(s string) string {
		local, domain, _ := strings.Cut(strings.ToLower(s), "@")
		local, _, _ = strings.Cut(local, "+")
		return local + "@" + domain
	}
	house := func(s string) string { // the number and the town: streets are abbreviated
		number, rest, _ := strings.Cut(s, " ")
		return number + " " + part(strings.Split(strings.ToLower(rest), "|"), 1)
	}
	email := alike("e-mail", a.emails, b.emails, strings.ToLower)
	if email == "another e-mail" && alike("", a.emails, b.emails, mailbox) == "the same " {
		email = "e-mail with another tag"
	}
	return email + ", " + alike("phone", a.phones, b.phones, subscriber) + ", " + alike("home", a.addresses, b.addresses, house)
}

// alike compares lists of values in a form.
func alike(what string, a, b []string, form func(string) string) string {
	if len(a) == 0 || len(b) == 0 {
		return "no " + what
	}
	for _, v := range a {
		if slices.ContainsFunc(b, func(w string) bool { return form(v) == form(w) }) {
			return "the same " + what
		}
	}
	return "another " + what
}

func count(patterns map[string]*[2]int, pattern string, linked bool) {
	n := patterns[pattern]
	if n == nil {
		n = new([2]int)
		patterns[pattern] = n
	}
	if n[1]++; !linked {
		n[0]++
	}
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

func readSeeded(s *system, person map[string]string) error {
	f, err := os.Open(filepath.Join(s.state(), "seeded.jsonl"))
	if err != nil {
		return err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var row struct {
			ID     string `json:"id"`
			Truth  string `json:"truth_id"`
			Merged bool   `json:"merged_by_email"`
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return fmt.Errorf("%s: %w", f.Name(), err)
		}
		if !row.Merged {
			person[s.name+"/"+row.ID] = row.Truth
		}
	}
	return nil
}
