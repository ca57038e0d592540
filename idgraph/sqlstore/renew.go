package sqlstore

import (
	"context"
	"errors"
	"fmt"
)

// fewest is how many records must be held before they are counted: of fewer,
// counting says little of how rare a name is.
const fewest = 500

// errCounted says that the snapshot in force is good enough.
var errCounted = errors.New("counted lately")

// Renew is Rebuild, under a new snapshot, where the records have doubled since
// they were counted. It says whether they had.
func (d *DB) Renew(ctx context.Context, o BuildOptions) (BuildReport, bool, error) {
	get := func(to any, text string, args ...any) error { return d.reads.get(ctx, to, text, args...) }
	if grown, err := outgrown(get); err != nil || !grown {
		return BuildReport{}, false, err
	}
	report, err := d.construct(ctx, "rebuild", o, func(c *construction) error {
		grown, err := outgrown(c.get) // another process may have been faster
		if err == nil && !grown {
			err = errCounted
		}
		if err != nil {
			return err
		}
		return c.fromStore()
	})
	switch {
	case errors.Is(err, errCounted):
		return BuildReport{}, false, nil
	case err != nil:
		return BuildReport{}, false, fmt.Errorf("build the graph anew: %w", err)
	}
	return report, true, nil
}

// outgrown says whether the records have doubled since they were counted.
func outgrown(get func(to any, text string, args ...any) error) (bool, error) {
	var held, counted int64
	if err := get(&held, `SELECT COALESCE(SUM(records), 0) FROM sources`); err != nil {
		return false, fmt.Errorf("count the records: %w", err)
	}
	if err := get(&counted, `SELECT COALESCE(MAX(records), 0) FROM snapshots WHERE version = (SELECT MAX(version) FROM snapshots)`); err != nil {
		return false, fmt.Errorf("read how many records were counted: %w", err)
	}
	return held >= fewest && held >= 2*counted, nil
}
