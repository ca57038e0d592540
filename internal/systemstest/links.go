package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// minRecall is the least share of the true pairs that has to be found.
const minRecall = 0.80

// compareLinks holds the gateway's customers against the people who the
// seeders know to be one. Nobody but this test ever reads truth_id.
func compareLinks(r *report, answers []customer, running fleet) error {
	person := map[string]string{} // record: truth_id
	for _, s := range running {
		if err := readSeeded(s, person); err != nil {
			return err
		}
	}
	together := map[string]string{} // record: customer
	for _, a := range answers {
		for _, ref := range a.Identity.Records {
			together[ref.Source+"/"+ref.ID] = a.ID
		}
	}
	truth, found, right, wrong := 0, 0, 0, []string(nil)
	for a, who := range person {
		for b, other := range person {
			if a >= b {
				continue
			}
			same, linked := who == other, together[a] != "" && together[a] == together[b]
			if same {
				truth++
			}
			if linked {
				found++
			}
			if same && linked {
				right++
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
	precision, recall := share(right, found), share(right, truth)
	var err error
	if precision < 1 || recall < minRecall || truth == 0 {
		err = fmt.Errorf("want precision 1.0 and recall %.2f at least", minRecall)
	}
	r.check(fmt.Sprintf("links against truth: %d records, %d true pairs, %d found, %d of them right: precision %.3f, recall %.3f",
		len(person), truth, found, right, precision, recall), err)
	return nil
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
