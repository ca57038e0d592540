package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// Figures say how predicted clusters compare with the truth. They are those of
// testdata/identity/score.py, which says what each means.
type figures struct {
	Records   int      `json:"records"`
	Entities  int      `json:"entities"`
	Predicted int      `json:"predicted_clusters"`
	Pairwise  pairwise `json:"pairwise"`
	BCubed    quality  `json:"bcubed"`
	Merges    merges   `json:"false_merges"`
	Splits    struct {
		Count    int `json:"count"`
		Entities int `json:"split_entities"`
	} `json:"false_splits"`
	Missing    int    `json:"missing_records"`
	Unknown    int    `json:"unknown_records"`
	CannotLink *asked `json:"cannot_link"`
	MustLink   *asked `json:"must_link"`
}

type quality struct {
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

type pairwise struct {
	quality
	True   int `json:"true_pairs"`
	False  int `json:"false_pairs"`
	Missed int `json:"missed_pairs"`
}

type merges struct {
	Count    int     `json:"count"`
	Impure   int     `json:"impure_clusters"`
	Entities int     `json:"merged_entities"`
	Records  int     `json:"records_in_impure_clusters"`
	Per10k   float64 `json:"per_10k_records"`
}

// asked are pairs that must be together, or must not.
type asked struct {
	tally
	Reasons map[string]tally `json:"by_reason"`
}

type tally struct {
	Pairs    int `json:"pairs"`
	Violated int `json:"violated"`
}

// Score compares two maps from record to cluster and to entity. A record that
// was not clustered is a cluster of its own.
func score(clusterOf, entityOf map[string]string) figures {
	type cell struct{ cluster, entity string }
	cells, clusters, entities := map[cell]int{}, map[string]int{}, map[string]int{}
	f := figures{Records: len(entityOf)}
	for record, entity := range entityOf {
		cluster, ok := clusterOf[record]
		if !ok {
			cluster = "\x00" + record
			f.Missing++
		}
		cells[cell{cluster, entity}]++
		clusters[cluster]++
		entities[entity]++
	}
	for record := range clusterOf {
		if _, ok := entityOf[record]; !ok {
			f.Unknown++
		}
	}
	f.Entities, f.Predicted = len(entities), len(clusters)
	together, met, spread := 0, map[string][]string{}, map[string]int{}
	for c, n := range cells {
		together += pairs(n)
		met[c.cluster] = append(met[c.cluster], c.entity)
		spread[c.entity]++
		f.BCubed.Precision += float64(n*n) / float64(clusters[c.cluster]) / float64(f.Records)
		f.BCubed.Recall += float64(n*n) / float64(entities[c.entity]) / float64(f.Records)
	}
	f.BCubed.F1 = f1(f.BCubed.Precision, f.BCubed.Recall)
	predicted, truly := 0, 0
	for _, n := range clusters {
		predicted += pairs(n)
	}
	for _, n := range entities {
		truly += pairs(n)
	}
	f.Pairwise.True, f.Pairwise.False, f.Pairwise.Missed = together, predicted-together, truly-together
	f.Pairwise.Precision, f.Pairwise.Recall = ratio(together, predicted), ratio(together, truly)
	f.Pairwise.F1 = f1(f.Pairwise.Precision, f.Pairwise.Recall)
	f.Merges = mergesOf(met, clusters, f.Records)
	for _, n := range spread {
		f.Splits.Count += n - 1
		if n > 1 {
			f.Splits.Entities++
		}
	}
	return f
}

// mergesOf counts the entities that met in a cluster.
func mergesOf(met map[string][]string, clusters map[string]int, records int) merges {
	var m merges
	merged := map[string]bool{}
	for cluster, who := range met {
		m.Count += len(who) - 1
		if len(who) > 1 {
			m.Impure++
			m.Records += clusters[cluster]
			for _, e := range who {
				merged[e] = true
			}
		}
	}
	m.Entities = len(merged)
	if records > 0 {
		m.Per10k = float64(m.Count) * 10_000 / float64(records)
	}
	return m
}

// ask counts the pairs of a file that are not as they must be.
func ask(path string, clusterOf map[string]string, together bool) (*asked, error) {
	out := &asked{Reasons: map[string]tally{}}
	err := readCSV(path, []string{"record_a", "record_b", "reason"}, func(v []string) error {
		a, okA := clusterOf[v[0]]
		b, okB := clusterOf[v[1]]
		if !okA || !okB {
			return errors.New("a record that has no cluster")
		}
		t := out.Reasons[v[2]]
		t.Pairs, out.Pairs = t.Pairs+1, out.Pairs+1
		if (a == b) != together {
			t.Violated, out.Violated = t.Violated+1, out.Violated+1
		}
		out.Reasons[v[2]] = t
		return nil
	})
	return out, err
}

func pairs(n int) int { return n * (n - 1) / 2 }

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}

func f1(p, r float64) float64 {
	if p+r == 0 {
		return 0
	}
	return 2 * p * r / (p + r)
}

// readMap reads two columns of a file.
func readMap(path, key, value string) (map[string]string, error) {
	out := map[string]string{}
	err := readCSV(path, []string{key, value}, func(v []string) error {
		out[strings.Clone(v[0])] = strings.Clone(v[1])
		return nil
	})
	return out, err
}

// readCSV hands over some columns, line by line.
func readCSV(path string, columns []string, line func([]string) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	at := make([]int, len(columns))
	for i, c := range columns {
		if at[i] = slices.Index(header, c); at[i] < 0 {
			return fmt.Errorf("%s has no column %s", path, c)
		}
	}
	for values := make([]string, len(columns)); ; {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for i := range at {
			values[i] = strings.TrimSpace(fields[at[i]])
		}
		if err := line(values); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
}
