package sql

import (
	stdsql "database/sql"
	"slices"
	"testing"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

// noon is the clock of these tests.
var noon = time.Date(2026, 10, 31, 12, 0, 0, 0, time.UTC)

// changesOf reads a mapped database at noon.
func changesOf(t *testing.T, cfg *Config) *connector {
	t.Helper()
	c := opened(t, cfg, connectors.Setup{Source: here}).(*connector)
	t.Cleanup(func() { _ = c.Close() })
	c.now = func() time.Time { return noon }
	return c
}

// upTo reads from a cursor to the end, and says who was read and where it ended.
func upTo(t *testing.T, c *connector, since string) (who []string, next string) {
	t.Helper()
	for {
		page, err := c.Changes(t.Context(), since, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page.Profiles {
			who = append(who, p.ID)
		}
		if since = page.Next; !page.More {
			return who, since
		}
	}
}

func TestChanges(t *testing.T) {
	for name, in := range map[string]database{"SQLite": sqliteDatabase, "Postgres": postgresDatabase} {
		t.Run(name, func(t *testing.T) {
			for name, check := range map[string]func(t *testing.T, c *connector, db *stdsql.DB){
				"a changed person is read again":                                   readsTheChanged,
				"a consent that changed alone brings its person":                   readsChangedConsents,
				"what was written within the last minute is read once more":        readsTheUnsettledTwice,
				"a date in the future does not hide what comes after it":           outlivesTheFuture,
				"one odd value costs itself, not its person, and never the others": readsAroundOddValues,
			} {
				t.Run(name, func(t *testing.T) {
					cfg, db := in(t)
					check(t, changesOf(t, mapped(t, cfg)), db)
				})
			}
		})
	}
}

func readsTheChanged(t *testing.T, c *connector, db *stdsql.DB) {
	_, next := upTo(t, c, "")
	run(t, db, "UPDATE people SET touched = '2026-10-30 10:00:00' WHERE id = 1")
	who, next := upTo(t, c, next)
	if !slices.Equal(who, []string{"1"}) {
		t.Errorf("read %v, want 1", who)
	}
	if who, _ = upTo(t, c, next); len(who) > 0 {
		t.Errorf("read %v again", who)
	}
}

func readsChangedConsents(t *testing.T, c *connector, db *stdsql.DB) {
	_, next := upTo(t, c, "")
	run(t, db, "INSERT INTO permissions VALUES (10, 'news', 'stop', '2026-10-01 08:00:00', NULL)", "INSERT INTO permissions VALUES (4, 'news', 'stop', '2026-10-01 08:00:00', NULL)")
	page, err := c.Changes(t.Context(), next, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Profiles) != 1 || page.Profiles[0].ID != "10" || len(page.Consents) != 2 {
		t.Errorf("%d persons with %d consents, want 10 with both of its own", len(page.Profiles), len(page.Consents))
	}
	if who, _ := upTo(t, c, page.Next); len(who) > 0 {
		t.Errorf("read %v again", who)
	}
}

// Two rows may change within one tick of the source's clock, the second after
// we have read the first, and with the smaller id.
func readsTheUnsettledTwice(t *testing.T, c *connector, db *stdsql.DB) {
	_, next := upTo(t, c, "")
	run(t, db, "UPDATE people SET touched = '2026-10-31 11:59:58' WHERE id = 10")
	who, next := upTo(t, c, next)
	if !slices.Equal(who, []string{"10"}) {
		t.Fatalf("read %v, want 10", who)
	}
	run(t, db, "UPDATE people SET touched = '2026-10-31 11:59:58' WHERE id = 2")
	if who, next = upTo(t, c, next); !slices.Equal(who, []string{"2", "10"}) {
		t.Errorf("read %v, want 2, which came later, and 10 once more", who)
	}
	c.now = func() time.Time { return noon.Add(5 * time.Minute) }
	if who, next = upTo(t, c, next); !slices.Equal(who, []string{"2", "10"}) {
		t.Errorf("read %v, want both for the last time", who)
	}
	if who, _ = upTo(t, c, next); len(who) > 0 {
		t.Errorf("read %v for ever", who)
	}
}

func outlivesTheFuture(t *testing.T, c *connector, db *stdsql.DB) {
	run(t, db, "UPDATE people SET touched = '2099-01-01 00:00:00' WHERE id = 1")
	who, next := upTo(t, c, "")
	if len(who) != 4 {
		t.Fatalf("read %v, want four persons", who)
	}
	run(t, db, "UPDATE people SET touched = '2026-10-30 00:00:00' WHERE id = 2")
	if who, _ = upTo(t, c, next); !slices.Contains(who, "2") {
		t.Errorf("read %v, want 2 among them", who)
	}
}

func readsAroundOddValues(t *testing.T, c *connector, db *stdsql.DB) {
	run(t, db, "UPDATE people SET lang = NULL, land = NULL WHERE id = 1", "ALTER TABLE people DROP COLUMN born", "ALTER TABLE people ADD COLUMN born TEXT", "UPDATE people SET born = 'unknown'")
	page, err := c.Changes(t.Context(), "", 10)
	if err != nil || len(page.Profiles) != 4 {
		t.Fatalf("%d persons, %v", len(page.Profiles), err)
	}
	for _, p := range page.Profiles {
		if p.BirthDate != nil || p.Name == nil {
			t.Errorf("%s is %v, born %v", p.ID, p.Name, p.BirthDate)
		}
	}
	got, err := c.Profiles(t.Context(), connectors.Query{Refs: []idgraph.Ref{who("1")}, Fields: connectors.Fields("birthDate"), Limit: 1})
	if err != nil || got[who("1")].Err == nil {
		t.Errorf("asked for by a caller, it is said: %v, %v", got, err)
	}
}

func TestWithoutATimeOfChangeEveryReadingIsAFullOne(t *testing.T) {
	cfg, db := sqliteDatabase(t)
	m := mapped(t, cfg)
	m.Profiles.Changed = Column{}
	c := changesOf(t, m)
	first, next := upTo(t, c, "")
	if len(first) != 4 || next != "" {
		t.Fatalf("read %v, and goes on at %q; want all four, and the beginning", first, next)
	}
	run(t, db, "UPDATE people SET last_name = 'Byron' WHERE id = 1")
	if again, _ := upTo(t, c, next); !slices.Equal(again, first) {
		t.Errorf("read %v, then %v", first, again)
	}
}

func TestACounterMayTellWhatChanged(t *testing.T) {
	cfg, db := sqliteDatabase(t, "ALTER TABLE people ADD COLUMN version INTEGER", "UPDATE people SET version = id")
	m := mapped(t, cfg)
	m.Profiles.Changed = Column{Column: "version"}
	c := changesOf(t, m)
	who, next := upTo(t, c, "")
	if !slices.Equal(who, []string{"1", "2", "3", "10"}) {
		t.Fatalf("read %v", who)
	}
	run(t, db, "UPDATE people SET version = 11 WHERE id = 2")
	if who, _ = upTo(t, c, next); !slices.Equal(who, []string{"2"}) {
		t.Errorf("read %v, want 2", who)
	}
}
