package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// floors are the house: imports go down, or along one without a circle.
// docs: README, "The plan".
var floors = map[string]int{
	"customer360": 8, "internal/command": 8, "internal/demo": 8, "internal/systemstest": 8, "internal/identitytest": 8, "resolvers/prove": 8,
	"internal/server": 7,
	"resolvers":       6, "connectors/catalog": 6, "internal/auth": 6, "internal/limits": 6,
	"graph":            5,
	"resolvers/door":   4,
	"idgraph/sqlstore": 3, "idgraph/storetest": 3, "internal/table": 3, // and every folder below connectors that is named nowhere here
	"connectors": 2, "idgraph/match": 2, "idgraph/consent": 2, "idgraph/policy": 2, "idgraph/audit": 2,
	"idgraph": 1, "internal/keys": 1, "internal/parts": 1, "internal/strict": 1, "console": 1,
}

// groundFloor are the rooms that import nothing of ours.
var groundFloor = []string{"idgraph", "internal/keys", "internal/strict", "console"}

// shared are the folders below connectors that are no system: systems may use these, never one another.
var shared = []string{"connectors/transport", "connectors/connectortest", "connectors/ingest", "connectors/simulator"}

func floorOf(t *testing.T, pkg string) int {
	t.Helper()
	if f, ok := floors[pkg]; ok {
		return f
	}
	if strings.HasPrefix(pkg, "connectors/") {
		return 3
	}
	t.Errorf("%s stands on no floor: give it one sentence of purpose, and a line in floors", pkg)
	return 0
}

func isSystem(pkg string) bool {
	if !strings.HasPrefix(pkg, "connectors/") || pkg == "connectors/catalog" {
		return false
	}
	for _, s := range shared {
		if pkg == s || strings.HasPrefix(pkg, s+"/") {
			return false
		}
	}
	return true
}

func TestImportsGoDownTheFloors(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages++
		from := room(p.ImportPath)
		for _, i := range p.Imports {
			if !strings.HasPrefix(i, "customer360/") {
				continue
			}
			to := room(i)
			if floorOf(t, to) > floorOf(t, from) {
				t.Errorf("%s (floor %d) imports %s (floor %d): imports go down", from, floorOf(t, from), to, floorOf(t, to))
			}
			if isSystem(from) && isSystem(to) && from != to {
				t.Errorf("%s imports %s: systems never meet", from, to)
			}
			for _, g := range groundFloor {
				if from == g {
					t.Errorf("%s imports %s: it stands on the ground", from, to)
				}
			}
		}
	}
	if packages < 15 {
		t.Fatalf("go list named %d packages: this test saw too little", packages)
	}
}

func room(importPath string) string {
	if r, ok := strings.CutPrefix(importPath, "customer360/"); ok {
		return r
	}
	return importPath
}
