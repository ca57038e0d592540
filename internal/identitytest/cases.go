package main

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// cases prints senzing_demo case by case: its entities run in tens, and each ten
// is about one principle.
func (d folder) cases(dir string) error {
	clusterOf, err := readMap(filepath.Join(dir, "senzing_demo_clusters.csv"), "record_id", "cluster_id")
	if err != nil {
		return err
	}
	entityOf, err := readMap(d.here("senzing_demo_truth.csv"), "record_id", "entity_id")
	if err != nil {
		return err
	}
	nameOf, of := map[string]string{}, map[int][]string{}
	columns := []string{"record_id", "PRIMARY_NAME_FIRST", "PRIMARY_NAME_LAST", "PRIMARY_NAME_FULL", "PRIMARY_NAME_ORG", "NATIVE_NAME_FULL"}
	err = readCSV(d.here("senzing_demo.csv"), columns, func(v []string) error {
		n, err := strconv.Atoi(entityOf[v[0]])
		nameOf[v[0]] = strings.TrimSpace(strings.Join(v[1:], " "))
		of[(n-1)/10] = append(of[(n-1)/10], strings.Clone(v[0]))
		return err
	})
	if err != nil {
		return err
	}
	fmt.Println("\nsenzing_demo, case by case\n  entities   records people found  pairs  found  false   who")
	for _, ten := range slices.Sorted(maps.Keys(of)) {
		records := of[ten]
		slices.SortFunc(records, func(a, b string) int { return cmp.Or(cmp.Compare(entityOf[a], entityOf[b]), cmp.Compare(a, b)) })
		clusters, entities, names := map[string]string{}, map[string]string{}, []string{}
		for _, r := range records {
			clusters[r], entities[r] = clusterOf[r], entityOf[r]
			if n := nameOf[r]; n != "" && !slices.Contains(names, n) && len(names) < 4 {
				names = append(names, n)
			}
		}
		f := score(clusters, entities)
		fmt.Printf("  %s–%s  %6d %6d %5d  %5d  %5d  %5d   %s\n", entityOf[records[0]], entityOf[records[len(records)-1]], f.Records, f.Entities, f.Predicted,
			f.Pairwise.True+f.Pairwise.Missed, f.Pairwise.True, f.Pairwise.False, strings.Join(names, " · "))
	}
	return nil
}
