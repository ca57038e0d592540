package door_test

import (
	"strings"
	"testing"
	"time"

	"customer360/idgraph"
)

func TestSourcesSayHowFarTheyHaveBeenRead(t *testing.T) {
	r := house(t, nil)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	r.people.sources = map[idgraph.Source]idgraph.SyncState{
		"crm":  {Full: true, Records: 7, Total: 9, At: ago(time.Second), ReadTo: ago(90 * time.Second), Sweep: idgraph.Sweep{At: ago(time.Hour), Gone: 3}},
		"erp":  {Records: 400, Total: 1000, At: ago(time.Second), Began: ago(time.Minute)},
		"shop": {Full: true, Records: 60, At: now, ReadTo: now.Add(time.Minute), Sweep: idgraph.Sweep{Missed: 25, Error: "SOURCE_BAD_DATA"}},
	}
	a := r.ask(billing, `{ sources { name synced lag readingSince recordsExpected sweptAt recordsGone recordsMissed sweepError } }`, nil)
	at := func(d time.Duration) string { return ago(d).Format(time.RFC3339) }
	for name, want := range map[string]string{
		"crm":  `"synced":true,"lag":90,"readingSince":null,"recordsExpected":null,"sweptAt":"` + at(time.Hour) + `","recordsGone":3,"recordsMissed":0,"sweepError":null}`,
		"erp":  `"synced":false,"lag":null,"readingSince":"` + at(time.Minute) + `","recordsExpected":1000,"sweptAt":null,"recordsGone":0,"recordsMissed":0,"sweepError":null}`,
		"shop": `"synced":true,"lag":0,"readingSince":null,"recordsExpected":null,"sweptAt":null,"recordsGone":0,"recordsMissed":25,"sweepError":"SOURCE_BAD_DATA"}`,
		"desk": `"synced":false,"lag":null,"readingSince":null,"recordsExpected":null,"sweptAt":null,"recordsGone":0,"recordsMissed":0,"sweepError":null}`,
	} {
		if !strings.Contains(a.body, `{"name":"`+name+`",`+want) {
			t.Errorf("%s: want %s in\n%s", name, want, a.body)
		}
	}
}
