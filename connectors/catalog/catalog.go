// Package catalog is the one table of the connectors that this build ships.
// Whoever reads it can count them; nothing registers itself.
package catalog

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"customer360/connectors"
	"customer360/connectors/requesttracker"
	"customer360/connectors/sql"
	"customer360/connectors/tryton"
	"customer360/connectors/vendure"
)

// A Kind is one connector.
type Kind struct {
	// About says in one line what it attaches.
	About string
	// New is an empty configuration, to decode the source's settings into.
	New func() connectors.Config
}

// Kinds are the connectors by the names that a configuration knows them by.
var Kinds = map[string]Kind{
	"requesttracker": {
		About: "Request Tracker 5, a helpdesk, by REST2",
		New:   func() connectors.Config { return new(requesttracker.Config) },
	},
	"sql": {
		About: "any SQLite or Postgres database, by a mapping of its tables",
		New:   func() connectors.Config { return new(sql.Config) },
	},
	"tryton": {
		About: "Tryton 6.0, as a CRM or an ERP, by JSON-RPC",
		New:   func() connectors.Config { return new(tryton.Config) },
	},
	"vendure": {
		About: "Vendure 3, a shop, by its GraphQL admin API",
		New:   func() connectors.Config { return new(vendure.Config) },
	},
}

// Names lists the kinds in order.
func Names() []string { return slices.Sorted(maps.Keys(Kinds)) }

// New is an empty configuration for a kind. For a kind that is not in the
// table, the error names the nearest that is.
func New(kind string) (connectors.Config, error) {
	if k, ok := Kinds[kind]; ok {
		return k.New(), nil
	}
	best, distance := "", len(kind)/2+1
	for _, name := range Names() {
		if d := levenshtein.ComputeDistance(strings.ToLower(kind), name); d < distance {
			best, distance = name, d
		}
	}
	if best != "" {
		return nil, fmt.Errorf("this build has no kind %q; did you mean %s?", kind, best)
	}
	return nil, fmt.Errorf("this build has no kind %q; it has %s", kind, strings.Join(Names(), ", "))
}
