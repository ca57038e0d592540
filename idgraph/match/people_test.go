package match

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"customer360/idgraph"
)

// people reads a file of testdata/systems/gen_people.py: the records as four
// systems hold them, and who each record really is.
func people(t testing.TB, path string, systems ...string) (records []idgraph.Record, truth map[idgraph.Ref]string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	truth = map[idgraph.Ref]string{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var p struct {
			TruthID string `json:"truth_id"`
			Records []struct {
				System, Key, Email string
				FirstName          string  `json:"first_name"`
				LastName           string  `json:"last_name"`
				Phone              *string `json:"phone"`
				BirthDate          *string `json:"birth_date"`
				ERPNumber          *string `json:"erp_number"`
				CustomerNumber     *string `json:"customer_number"`
				Address            *struct {
					Street, City, Country string
					PostalCode            string `json:"postal_code"`
				}
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Records {
			if len(systems) > 0 && !slices.Contains(systems, r.System) {
				continue
			}
			rec := idgraph.Record{
				Ref: idgraph.Ref{Source: idgraph.Source(r.System), ID: r.Key}, GivenName: r.FirstName, FamilyName: r.LastName,
				Identifiers: []idgraph.Identifier{{Type: idgraph.Email, Value: r.Email}},
			}
			add := func(typ idgraph.IdentifierType, v *string) {
				if v != nil {
					rec.Identifiers = append(rec.Identifiers, idgraph.Identifier{Type: typ, Value: *v})
				}
			}
			add(idgraph.Phone, r.Phone)
			add(idgraph.Reference("erp"), r.ERPNumber)
			add(idgraph.Reference("erp"), r.CustomerNumber)
			if own := r.Key; r.System == "crm" {
				add(idgraph.Reference("crm"), &own)
			}
			if r.BirthDate != nil {
				rec.BirthDate = *r.BirthDate
			}
			if a := r.Address; a != nil {
				rec.Street, rec.City, rec.Postcode, rec.Country = a.Street, a.City, a.PostalCode, a.Country
			}
			records = append(records, NormaliseRecord(rec, "US"))
			truth[rec.Ref] = p.TruthID
		}
	}
	return records, truth
}

// A score counts pairs of records that are one person.
type score struct{ Right, Wrong, Missed int }

func (s score) precision() float64 { return ratio(s.Right, s.Right+s.Wrong) }
func (s score) recall() float64    { return ratio(s.Right, s.Right+s.Missed) }

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}

func scoreOf(clusters [][]idgraph.Ref, truth map[idgraph.Ref]string) (s score) {
	size := map[string]int{}
	for _, id := range truth {
		size[id]++
	}
	for _, n := range size {
		s.Missed += n * (n - 1) / 2
	}
	for _, c := range clusters {
		for i, a := range c {
			for _, b := range c[i+1:] {
				if truth[a] == truth[b] {
					s.Right++
					s.Missed--
				} else {
					s.Wrong++
				}
			}
		}
	}
	return s
}

func TestNobodyIsMistakenForAnother(t *testing.T) {
	paths := []string{filepath.Join("..", "..", "testdata", "systems", "people.jsonl")}
	if more, _ := filepath.Glob(os.Getenv("PEOPLE")); len(more) > 0 { // other seeds and sizes, by hand
		paths = append(paths, more...)
	}
	for _, path := range paths {
		for _, systems := range [][]string{nil, {"crm", "erp"}} {
			records, truth := people(t, path, systems...)
			if len(systems) == 2 { // as Tryton has them: one name, no birth date
				for i, r := range records {
					records[i].GivenName, records[i].FamilyName = SplitName(r.GivenName + " " + r.FamilyName)
					records[i].BirthDate = ""
				}
			}
			s := scoreOf(groups(t, records), truth)
			t.Logf("%s %v: %d records, %d pairs, precision %.4f, recall %.3f", filepath.Base(path), systems, len(records), s.Right+s.Missed, s.precision(), s.recall())
			if s.Wrong > 0 || s.recall() < .7 {
				t.Errorf("%s %v: %+v", path, systems, s)
			}
		}
	}
}
